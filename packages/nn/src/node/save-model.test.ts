import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Expr, evaluate, type OrtModule, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../../test/goldens.js';
import { float32 } from '../../test/problems.js';
import { checkWeights } from '../check-weights.js';
import { exportOnnx } from '../export-onnx.js';
import { fromFloat16 } from '../float16.js';
import { initialize } from '../initialize.js';
import { layerNorm, linear, sequential } from '../layers.js';
import { layer, namedParameters, type Weights } from '../module.js';
import { transformerBlock } from '../transformer.js';
import { readSafetensors } from './read-safetensors.js';
import { saveModel } from './save-model.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const block = transformerBlock({ width: 8, heads: 2 });
const head = sequential(layerNorm(8), linear(8, 3));
const model = layer({ block, head }, (x: Expr) => head(ops.mean(block(x), 1)));
const weights = initialize(model, 4);
const x = float32(
  [2, 5, 8],
  Array.from({ length: 80 }, (_, i) => Math.sin(i)),
);
const onnx = {
  inputs: { x: { type: 'float32', dims: ['batch', 5, 8] } },
  forward: ({ x }: Readonly<Record<string, Expr>>) => model(x!),
} as const;

/** What the model says in float64. */
function expected(values: Weights): Float64Array {
  const parameters = new Map([...namedParameters(model)].map(([name, node]) => [node as Expr, values.get(name)!]));
  return evaluate([model(ops.constant(x))], { parameters })[0]!.data;
}

const require = createRequire(import.meta.url);
/** The oldest runtime in use comes with @xenova/transformers 2. */
const runtimes: readonly [string, OrtModule][] = [
  ['the current ONNX Runtime', ort],
  ['ONNX Runtime 1.14', createRequire(require.resolve('@xenova/transformers'))('onnxruntime-node') as OrtModule],
];

describe.each(runtimes)('a saved model in %s', (_, { InferenceSession, Tensor }) => {
  test.each([false, true])('gives what the model gives; float16: %s', async (float16) => {
    await saveModel(folder, model, { weights, float16, onnx });
    const { tensors } = await readSafetensors(join(folder, 'model.safetensors'));
    const loaded: Weights = new Map(
      [...tensors].map(([name, { dims, type, data }]) => [
        name,
        float32(dims, type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array)),
      ]),
    );
    const session = await InferenceSession.create(new Uint8Array(readFileSync(join(folder, 'onnx/model.onnx'))));
    expect([session.inputNames, session.outputNames]).toEqual([['x'], ['output']]);
    const { output } = await session.run({ x: new Tensor('float32' as never, x.data as never, x.dims) }, { output: null });
    expect(output!.dims).toEqual([2, 3]);
    expectClose(((await output!.getData?.()) as Float32Array) ?? output!.data, expected(loaded), 1e-5);
    if (float16) expectClose(expected(loaded), expected(weights), 1e-2);
    else expect(loaded).toEqual(weights);
  });
});

describe('saveModel', () => {
  test('writes what is asked for, and replaces what was there', async () => {
    await saveModel(folder, model, { weights });
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
    await saveModel(folder, model, { weights, config: { width: 8, heads: 2 }, onnx, float16: true });
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['config.json', 'model.safetensors', 'onnx', 'onnx/model.onnx']);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual({ width: 8, heads: 2 });
    const { tensors, metadata } = await readSafetensors(join(folder, 'model.safetensors'));
    checkWeights(tensors, new Map([...namedParameters(model)].map(([name, { dims }]) => [name, dims])));
    expect(new Set([...tensors.values()].map(({ type }) => type))).toEqual(new Set(['float16']));
    expect(metadata).toEqual({ format: 'pt' });
  });

  test('refuses weights that are missing, not finite, or too large for float16, before it writes', async () => {
    const bias = weights.get('head.1.bias')!;
    const changed = (value: number) => new Map(weights).set('head.1.bias', { ...bias, data: Float32Array.of(0, value, 0) });
    const without = new Map([...weights].filter(([name]) => name !== 'head.1.bias'));
    await expect(saveModel(folder, model, { weights: without })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    await expect(saveModel(folder, model, { weights: changed(Number.NaN) })).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FINITE' });
    await expect(saveModel(folder, model, { weights: changed(1e5), float16: true })).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FINITE',
      message: expect.stringContaining('"head.1.bias"'),
    });
    expect(readdirSync(folder)).toEqual([]);
    await saveModel(folder, model, { weights: changed(1e5) });
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(true);
  });

  test('puts the weights of the ONNX model beside it, where asked to', async () => {
    const wide = linear(16, 64);
    const start = initialize(wide, 2);
    const two = {
      inputs: { x: { type: 'float32', dims: ['batch', 16] } },
      forward: ({ x }: Readonly<Record<string, Expr>>) => wide(x!),
      externalData: { location: 'model.onnx_data' },
    } as const;
    await saveModel(folder, wide, { weights: start, onnx: two });
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual(['model.onnx', 'model.onnx_data']);
    const session = await ort.InferenceSession.create(join(folder, 'onnx/model.onnx'));
    const { output } = await session.run({ x: new ort.Tensor('float32', new Float32Array(16), [1, 16]) });
    expectClose(output!.data as Float32Array, start.get('bias')!.data, 1e-6);
    await session.release();
    for (const [location, code] of [
      ['model.onnx', 'CHECKPOINT_NAME'],
      ['../data', 'AUTOGRAD_LOCATION'],
    ] as const)
      await expect(saveModel(folder, wide, { weights: start, onnx: { ...two, externalData: { location } } })).rejects.toMatchObject({
        code,
      });
  });

  test('a place that takes no folders is an error, at once', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(saveModel(join(folder, 'file', 'model'), model, { weights })).rejects.toMatchObject({ code: 'CHECKPOINT_WRITE' });
  });
});

test('exportOnnx names several outputs as they are named', async () => {
  const bytes = exportOnnx(model, { ...onnx, weights, forward: ({ x }) => ({ pooled: ops.mean(x!, 1), scores: model(x!) }) });
  const session = await ort.InferenceSession.create(bytes);
  expect(session.outputNames).toEqual(['pooled', 'scores']);
  await session.release();
});
