import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { createRandom } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { oldRuntime } from '../../test/old-runtime.js';
import { evaluate } from '../evaluate.js';
import { type Expr, makeExpr } from '../expr.js';
import { gradients } from '../gradients.js';
import * as ops from '../ops/index.js';
import { emitOnnx } from './emit.js';
import { onnxBackend } from './onnx-backend.js';
import type { OrtModule } from './runtime.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const random = createRandom(21);
const sample = (dims: readonly number[]): TensorLike<'float32'> => ({
  type: 'float32',
  dims,
  data: Float32Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, () => random.normal() * 0.5),
});
const weight = (...dims: number[]) => ops.constant(sample(dims));

function expectClose(actual: unknown, expected: Float64Array): void {
  expect((actual as Float32Array).length).toBe(expected.length);
  for (const [i, value] of (actual as Float32Array).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

/** A text tower in small: embedding, class token, heads, attention, norm. ids [batch, length] → [batch, 8] */
function textTower(): Expr {
  const ids = ops.input('ids', 'int64', ['batch', 'length']);
  const positions = ops.slice(weight(16, 8), 0, 0, 'length'); // [length, 8]
  const x = ops.add(ops.gather(weight(20, 8), ids), positions); // [batch, length, 8]
  const heads = ops.transpose(ops.reshape(ops.matmul(x, weight(8, 8)), ['batch', 'length', 2, 4]), [0, 2, 1, 3]);
  const scores = ops.softmax(ops.matmul(heads, ops.transpose(heads))); // [batch, heads, length, length]
  const mixed = ops.reshape(ops.transpose(ops.matmul(scores, heads), [0, 2, 1, 3]), ['batch', 'length', 8]);
  const y = ops.rmsNorm(ops.layerNorm(ops.add(x, ops.gelu(mixed)), weight(8), weight(8)), weight(8));
  return ops.l2Normalize(ops.mean(y, 1));
}

/** An image tower in small: patches, class token, group norm. pixels [batch, 3, 8, 8] → [batch, 4] */
function imageTower(): Expr {
  const pixels = ops.input('pixels', 'float32', ['batch', 3, 8, 8]);
  const patches = ops.convolution(pixels, weight(4, 3, 4, 4), { stride: 4, bias: weight(4) }); // [batch, 4, 2, 2]
  const normal = ops.groupNorm(ops.convolution(patches, weight(4, 1, 3, 3), { padding: 1, groups: 4 }), weight(4), weight(4), 2);
  const wide = ops.convolutionTranspose(normal, weight(4, 4, 4, 4), { stride: 2, padding: 1 }); // [batch, 4, 4, 4]
  const tokens = ops.transpose(ops.reshape(wide, ['batch', 4, 16]), [0, 2, 1]);
  const classToken = ops.expand(weight(1, 1, 4), ['batch', 1, 4]);
  return ops.max(ops.concat([classToken, ops.silu(tokens)], 1), 1);
}

const ids = (batch: number, length: number): TensorLike => ({
  type: 'int64',
  dims: [batch, length],
  data: BigInt64Array.from({ length: batch * length }, () => BigInt(random.integer(20))),
});

describe('named dimensions', () => {
  const y = textTower();
  const z = imageTower();

  test('reach the outputs', () => {
    expect([y.dims, z.dims]).toEqual([
      ['batch', 8],
      ['batch', 4],
    ]);
  });

  test('take their size from each run', async () => {
    const text = await backend.compile(emitOnnx({ outputs: { y } }));
    for (const [batch, length] of [
      [1, 3],
      [4, 16],
    ] as const) {
      const feeds = { ids: ids(batch, length) };
      const { y: result } = await text.run(feeds);
      const [expected] = evaluate([y], { inputs: feeds });
      expect(result!.dims).toEqual([batch, 8]);
      expectClose(await result!.read(), expected!.data);
    }
    await text.release();

    const image = await backend.compile(emitOnnx({ outputs: { z } }));
    for (const batch of [1, 3]) {
      const feeds = { pixels: sample([batch, 3, 8, 8]) };
      const { z: result } = await image.run(feeds);
      const [expected] = evaluate([z], { inputs: feeds });
      expect(result!.dims).toEqual([batch, 4]);
      expectClose(await result!.read(), expected!.data);
    }
    await image.release();
  });

  test('joined ones have a name of their own', async () => {
    const past = ops.input('past', 'float32', ['batch', 'past', 2]);
    const now = ops.input('now', 'float32', ['batch', 'length', 2]);
    const all = ops.concat([past, now, now], 1, { size: 'total' });
    const y = ops.matmul(now, ops.transpose(all));
    expect(y.dims).toEqual(['batch', 'length', 'total']);
    const program = await backend.compile(emitOnnx({ outputs: { all, y } }));
    for (const [before, length] of [
      [3, 1],
      [0, 2],
    ] as const) {
      const feeds = { past: sample([2, before, 2]), now: sample([2, length, 2]) };
      const results = await program.run(feeds);
      for (const [i, expected] of evaluate([all, y], { inputs: feeds }).entries()) {
        const result = results[['all', 'y'][i]!]!;
        expect(result.dims).toEqual(expected.dims);
        expectClose(await result.read(), expected.data);
      }
    }
    await program.release();
  });
});

// Where it is missing, the runner counts these as skipped.
describe.each([
  ['text', textTower(), { ids: ids(2, 5) }],
  ['image', imageTower(), { pixels: sample([2, 3, 8, 8]) }],
] as [string, Expr, Record<string, TensorLike>][])('a %s tower at opset 17, IR version 8', (_, y, feeds) => {
  (oldRuntime === undefined ? test.skip : test)('loads in ONNX Runtime 1.14 and computes the same', async () => {
    const session = await oldRuntime!.InferenceSession.create(emitOnnx({ outputs: { y } }), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const inputs = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new oldRuntime!.Tensor(type as never, data as never, dims),
    ]);
    const { y: result } = await session.run(Object.fromEntries(inputs));
    const [expected] = evaluate([y], { inputs: feeds });
    expect(result!.dims).toEqual(expected!.dims);
    expectClose(result!.data, expected!.data);
  });
});

describe('what a model holds', () => {
  const w = ops.parameter([2, 2], () => new Float32Array(4));
  const x = ops.input('x', 'float32', [1, 2]);
  const y = ops.matmul(x, w);
  const value: TensorLike = { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const one = { x: { type: 'float32', dims: [1, 2], data: Float32Array.of(1, 1) } } as const;
  const parameters = new Map<Expr, string>([[w, 'w']]);

  test('parameters are inputs of a graph for training', async () => {
    const program = await backend.compile(emitOnnx({ outputs: { y }, parameters }));
    expect([...program.inputNames].sort()).toEqual(['w', 'x']);
    expect(await (await program.run({ ...one, w: value })).y!.read()).toEqual(Float32Array.of(4, 6));
    await program.release();
  });

  test('weights are stored in a graph for inference, float16 ones with a cast', async () => {
    const half: TensorLike = { type: 'float16', dims: [2, 2], data: Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400) };
    for (const stored of [value, half]) {
      const program = await backend.compile(emitOnnx({ outputs: { y }, parameters, weights: new Map([['w', stored]]) }));
      expect(program.inputNames).toEqual(['x']);
      expect(await (await program.run(one)).y!.read()).toEqual(Float32Array.of(4, 6));
      await program.release();
    }
  });

  test('only what the outputs depend on', async () => {
    ops.matmul(ops.input('unused', 'float32', [1, 2]), w);
    const program = await backend.compile(emitOnnx({ outputs: { y: ops.neg(x) } }));
    expect(program.inputNames).toEqual(['x']);
    await program.release();
  });

  test('one value under two names, a leaf as an output, and an output that others use', async () => {
    const sum = ops.add(x, 1);
    const program = await backend.compile(emitOnnx({ outputs: { a: sum, b: sum, c: x, d: ops.mul(sum, 2) } }));
    const results = await program.run(one);
    for (const [name, expected] of Object.entries({ a: 2, b: 2, c: 1, d: 4 }))
      expect(await results[name]!.read()).toEqual(Float32Array.of(expected, expected));
    await program.release();
  });

  test('forward and backward pass together: one step of gradient descent', async () => {
    const loss = ops.sum(ops.mul(y, y));
    const [dw] = gradients(loss, [w]);
    const program = await backend.compile(emitOnnx({ outputs: { loss, next: ops.sub(w, ops.mul(dw!, 0.125)) }, parameters }));
    const results = await program.run({ ...one, w: value });
    expect(await results.loss!.read()).toEqual(Float32Array.of(52));
    expect(await results.next!.read()).toEqual(Float32Array.of(0, 0.5, 2, 2.5));
    await program.release();
  });

  test('what can be had early is written early, in whatever order outputs are named', () => {
    const written: string[] = [];
    const step = (name: string, from: Expr): Expr =>
      makeExpr(
        {
          name,
          infer: ([value]) => ({ type: value!.type, dims: value!.dims }),
          reference: ([value]) => value!,
          emit(emitter, [value]) {
            written.push(name);
            return emitter.node('Neg', [value!]);
          },
        },
        [from],
        undefined,
      );
    const [first, second] = [step('first', x), step('second', step('middle', x))];
    emitOnnx({ outputs: { third: step('third', second), early: first } });
    expect(written).toEqual(['first', 'middle', 'second', 'third']);
  });

  test('any name that the caller likes, also one that a node would have had', async () => {
    const [first, constant] = [ops.input('Neg_0', 'float32', [2]), ops.input('constant_1', 'float32', [2])];
    const kept = ops.parameter([2], () => new Float32Array(2));
    const sum = ops.add(ops.add(ops.neg(first), ops.neg(constant)), kept);
    const tied = ops.sort(ops.add(sum, 1));
    const outputs = { Neg_1: ops.mul(sum, 3), TopK_7_1: tied.values, Add_3: tied.indices };
    const stored = {
      parameters: new Map([[kept, 'Add_2']]),
      weights: new Map([['Add_2', { ...value, dims: [2], data: Float32Array.of(5, 4) }]]),
    };
    const feeds = {
      Neg_0: { type: 'float32', dims: [2], data: Float32Array.of(1, 2) },
      constant_1: { type: 'float32', dims: [2], data: Float32Array.of(10, 20) },
    } as const;
    const program = await backend.compile(emitOnnx({ outputs, ...stored }));
    const results = await program.run(feeds);
    const read = async (name: string) => [...((await results[name]!.read()) as Float32Array)].map(Number);
    expect(await read('Neg_1')).toEqual([-18, -54]);
    expect(await read('TopK_7_1')).toEqual([-17, -5]);
    expect(await read('Add_3')).toEqual([1, 0]);
    await program.release();
  });

  test('both zeros', async () => {
    const outputs = { up: ops.div(1, ops.mul(x, 0)), down: ops.div(1, ops.mul(x, -0)) };
    const program = await backend.compile(emitOnnx({ outputs }));
    const { up, down } = await program.run(one);
    expect(await up!.read()).toEqual(Float32Array.of(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY));
    expect(await down!.read()).toEqual(Float32Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY));
    await program.release();
  });

  test('the same expressions give the same bytes', () => {
    expect(emitOnnx({ outputs: { y }, parameters })).toEqual(emitOnnx({ outputs: { y }, parameters }));
  });
});
