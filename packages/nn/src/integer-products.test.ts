import { describe, expect, test } from '@jest/globals';
import { createRandom, type Expr, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { dequantizeWeights } from '../test/dequantize.js';
import { runtimes } from '../test/export-runtimes.js';
import { expectClose } from '../test/goldens.js';
import { float32 } from '../test/problems.js';
import { exportOnnx } from './export-onnx.js';
import { initialize } from './initialize.js';
import { linear } from './layers.js';
import { gpt2 } from './models/gpt2.js';
import { vit } from './models/vit.js';
import { type Layer, layer, type Weights } from './module.js';
import { quantizeWeights } from './quantize.js';
import { transformerBlock } from './transformer.js';

const silent = { logSeverityLevel: 3 };
const { fround } = Math;
const toEven = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** DynamicQuantizeLinear (ONNX, version 11): uint8 by the range of all of `x`, zero included. The numbers come back less their zero point. */
function rounded(x: Float32Array): { readonly data: Float64Array; readonly scale: number } {
  const [low, high] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = high === low ? 1 : fround(fround(high - low) / 255); // ONNX Runtime's, where all is zero
  const zero = Math.min(255, Math.max(0, toEven(fround(-low / scale))));
  return { data: Float64Array.from(x, (value) => Math.min(255, Math.max(0, toEven(fround(value / scale)) + zero)) - zero), scale };
}

/** x [rows, inputs] times weights [outputs, inputs], by the rule: integers are summed, and scaled at the end. */
function product(x: Float32Array, weight: Float32Array, [outputs, inputs]: readonly [number, number], bias?: Float32Array): Float64Array {
  const left = rounded(x);
  const right = quantizeWeights(weight, [outputs, inputs], { axis: 0 });
  return Float64Array.from({ length: (x.length / inputs) * outputs }, (_, at) => {
    const [row, column] = [Math.floor(at / outputs), at % outputs];
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += left.data[row * inputs + i]! * right.data[column * inputs + i]!;
    return sum * left.scale * right.scale[column]! + (bias?.[column] ?? 0);
  });
}

const normals = (length: number, scale = 1) => {
  const random = createRandom(length);
  return Float32Array.from({ length }, () => scale * random.normal());
};
/** How many operators of a type a file has: each is named once as such, behind its field's number and length. */
const countOf = (bytes: Uint8Array, type: string) =>
  Buffer.from(bytes)
    .toString('latin1')
    .split(`\x22${String.fromCharCode(type.length)}${type}`).length - 1;

const [inputs, outputs] = [48, 20];
const turned = (matrix: Float32Array) => matrix.map((_, at) => matrix[(at % outputs) * inputs + Math.floor(at / outputs)]!); // [inputs, outputs]

describe.each(runtimes)('products of integers in %s', (_, { InferenceSession, Tensor }) => {
  async function run(model: Layer, weights: Weights, x: Float32Array, dims: readonly number[]) {
    const forms = { x: { type: 'float32', dims: ['batch', ...dims.slice(1)] } } as const;
    const bytes = exportOnnx(model, { inputs: forms, forward: (fed) => model(fed.x!), weights, int8: 'dynamic' });
    const session = await InferenceSession.create(bytes, silent);
    const { output } = await session.run({ x: new Tensor('float32' as never, x as never, dims) }, { output: null });
    return { output: output!.data as Float32Array, products: countOf(bytes, 'MatMulInteger') };
  }

  test.each([
    ['a linear layer', true, false],
    ['one without a bias', false, false],
    ['a matrix as it is', false, true],
  ])('%s gives what the rule says, whatever its numbers', async (_, bias, straight) => {
    const matrix = ops.parameter([inputs, outputs], () => new Float32Array(inputs * outputs));
    const model = straight ? layer({ weight: matrix }, (x: Expr) => ops.matmul(x, matrix)) : linear(inputs, outputs, { bias });
    const [weight, offset] = [normals(inputs * outputs), normals(outputs)];
    const weights: Weights = new Map([
      ['weight', straight ? float32([inputs, outputs], turned(weight)) : float32([outputs, inputs], weight)],
      ...(bias ? [['bias', float32([outputs], offset)] as const] : []),
    ]);
    const most = new Float32Array(6 * inputs).fill(1); // The largest sums there are: none overflows.
    for (const x of [normals(6 * inputs), normals(6 * inputs).map(Math.abs), most, new Float32Array(6 * inputs)]) {
      const { output, products } = await run(model, weights, x, [2, 3, inputs]);
      expectClose(output, product(x, weight, [outputs, inputs], bias ? offset : undefined), 2e-6);
      expect(products).toBe(1);
    }
  });

  test('the largest weights and inputs do not overflow', async () => {
    const model = linear(2000, 2, { bias: false });
    const weight = new Float32Array(4000).fill(1);
    const { output } = await run(model, new Map([['weight', float32([2, 2000], weight)]]), new Float32Array(2000).fill(3), [1, 2000]);
    expectClose(output, [6000, 6000], 1e-6);
  });

  test('a table that is looked up and multiplied with is stored once', async () => {
    const [size, width] = [40, 32];
    const table = ops.parameter([size, width], () => new Float32Array(size * width));
    const model = layer({ table }, (ids: Expr) => ops.matmul(ops.gather(table, ids), table, { transposeB: true }));
    const data = normals(size * width);
    const weights: Weights = new Map([['table', float32([size, width], data)]]);
    const inputs = { ids: { type: 'int64', dims: ['length'] } } as const;
    const bytes = exportOnnx(model, { inputs, forward: ({ ids }) => model(ids!), weights, int8: 'dynamic' });
    expect(bytes.length).toBeLessThan(size * width + 1600);
    const session = await InferenceSession.create(bytes, silent);
    const ids = BigInt64Array.of(3n, 39n, 0n, 3n);
    const { output } = await session.run({ ids: new Tensor('int64' as never, ids as never, [4]) }, { output: null });
    const restored = dequantizeWeights(quantizeWeights(data, [size, width], { axis: 0 }));
    const rows = Float32Array.from([...ids].flatMap((id) => [...restored.subarray(Number(id) * width, (Number(id) + 1) * width)]));
    expectClose(output!.data as Float32Array, product(rows, data, [size, width]), 2e-6);
  });
});

test('other values than true, false and dynamic are refused', () => {
  const model = linear(48, 20);
  const weights = initialize(model, 1);
  const x = { type: 'float32', dims: ['batch', 48] } as const;
  for (const int8 of ['Dynamic', 'static', 1, null])
    expect(() => exportOnnx(model, { inputs: { x }, forward: ({ x }) => model(x!), weights, int8: int8 as never })).toThrow(
      expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(`'int8' is ${JSON.stringify(int8)}`) }),
    );
});

describe('whole models', () => {
  const block = transformerBlock({ width: 64, heads: 4 });
  const gpt = gpt2({ vocab_size: 50, n_positions: 16, n_embd: 64, n_layer: 3, n_head: 4 });
  const viewer = vit({
    image_size: 32,
    patch_size: 8,
    hidden_size: 64,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    intermediate_size: 128,
    num_labels: 0,
  });
  const ids = BigInt64Array.from({ length: 12 }, (_, i) => BigInt((i * 7) % 50));
  const models: readonly [string, Layer, TensorLike, number][] = [
    ['a transformer block', block, float32([2, 9, 64], normals(2 * 9 * 64)), 4],
    ['GPT-2', gpt, { type: 'int64', dims: [2, 6], data: ids }, 13],
    ['ViT', viewer, float32([2, 3, 32, 32], normals(2 * 3 * 32 * 32)), 18],
  ];

  test.each(models)('%s: within 3 %% of its floats, in a quarter of the bytes', async (_, model, x, products) => {
    const weights = initialize(model, 3);
    const inputs = { x: { type: x.type, dims: x.dims } };
    const results = [];
    const sizes = [];
    for (const int8 of [false, 'dynamic'] as const) {
      const bytes = exportOnnx(model, { inputs, forward: (fed) => model(fed.x!), weights, int8 });
      sizes.push(bytes.length);
      const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
      const { output } = await session.run({ x: new ort.Tensor(x.type as 'float32', x.data as Float32Array, x.dims) });
      results.push(output!.data as Float32Array);
      if (int8) expect(countOf(bytes, 'MatMulInteger')).toBe(products);
      await session.release();
    }
    const [floats, integers] = results as [Float32Array, Float32Array];
    const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
    const error = norm(floats.map((value, i) => value - integers[i]!)) / norm(floats);
    expect(sizes[1]! / sizes[0]!).toBeLessThan(0.33); // a quarter, and the graph
    expect(error).toBeLessThan(0.03);
    expect(error).toBeGreaterThan(0);
  });
});
