import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { evaluate } from '../evaluate.js';
import type { Expr } from '../expr.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const x = ops.input('x', 'float32', [2, 3, 4]);
const rows = ops.input('rows', 'float32', ['batch', 4, 4]);
const pairs = ops.input('pairs', 'float32', ['batch', 'length', 4]);

describe('shapes', () => {
  test.each<[what: string, y: Expr, dims: (number | string)[]]>([
    ['a −1 is the name that the others leave', ops.reshape(rows, [-1, 16]), ['batch', 16]],
    ['a −1 is the number that the others leave', ops.reshape(pairs, ['length', 'batch', -1, 2]), ['length', 'batch', 2, 2]],
    ['axes count from the end too', ops.transpose(x, [-1, 0, -2]), [4, 2, 3]],
    ['a new axis may be the last', ops.expandDims(x, -1), [2, 3, 4, 1]],
    ['places count from the end too', ops.slice(x, -1, -3, -1), [2, 3, 2]],
    ['the last place', ops.slice(x, 1, -1, 3), [2, 1, 4]],
  ])('%s', (_, y, dims) => {
    expect(y.dims).toEqual(dims);
  });

  test('places from the end are the same as from the start', () => {
    expect(ops.slice(x, 2, -3, -1).attributes).toEqual(ops.slice(x, 2, 1, 3).attributes);
    expect(ops.slice(x, 2, -4, 4)).toBe(x);
  });

  test.each<[what: string, act: () => unknown, message: RegExp]>([
    ['a −1 for two names', () => ops.reshape(pairs, [-1, 4]), /cannot infer the −1 in \[-1, 4\] .*sizes with names are not multiplied/],
    ['a −1 for half an element', () => ops.reshape(x, [5, -1]), /cannot infer the −1/],
    ['sizes below zero', () => ops.reshape(ops.zeros([6]), [-2, -3]), /does not have the elements of \[-2, -3\]/],
    ['a new axis beyond the last', () => ops.expandDims(x, 4), /expandDims: axis 4 is outside a tensor of rank 4/],
    ['half an axis', () => ops.expandDims(x, 0.5), /axis 0\.5/],
    ['one axis twice', () => ops.transpose(x, [0, 1, -2]), /\[0,1,-2\] is not an order/],
    ['half a place', () => ops.slice(x, 0, 0.5, 2), /0\.5:2:1 is outside axis 0 of \[2, 3, 4\].*whole places/],
    ['a place before the start', () => ops.slice(x, 2, -5, 2), /-5:2:1 is outside/],
    ['a place from an end that is not known', () => ops.slice(rows, 0, 0, -1), /count from its start/],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'AUTOGRAD_SHAPE', message: expect.stringMatching(message) }));
  });
});

/** Both what evaluate() and what ONNX Runtime make of it. */
async function results(y: Expr, feeds: Readonly<Record<string, TensorLike>>) {
  const [reference] = evaluate([y], { inputs: feeds });
  const program = await backend.compile(emitOnnx({ outputs: { y } }));
  const { y: run } = await program.run(feeds);
  const data = Array.from((await run!.read()) as ArrayLike<number | bigint>, Number);
  await program.release();
  return [
    { dims: reference!.dims, data: [...reference!.data] },
    { dims: run!.dims, data },
  ];
}

describe('nothing at all', () => {
  const none = (dims: number[]): TensorLike => ({ type: 'float32', dims, data: new Float32Array(0) });
  const open = ops.input('x', 'float32', ['batch', 3]);
  const whole = ops.input('x', 'int64', ['batch', 3]);
  const closed = ops.input('x', 'float32', [0, 3]);
  test.each<[what: string, y: Expr, dims: number[]]>([
    ['sorted', ops.sort(open).values, [0, 3]],
    ['sorted, and known to be nothing', ops.sort(closed).indices, [0, 3]],
    ['its best', ops.topK(open, 2).indices, [0, 2]],
    ['in another shape', ops.reshape(closed, [3, 0, 7]), [3, 0, 7]],
    ['in another order', ops.reshape(open, [3, 'batch']), [3, 0]],
  ])('%s', async (_, y, dims) => {
    for (const result of await results(y, { x: none([0, 3]) })) expect(result).toEqual({ dims, data: [] });
  });

  test('the place of its largest integer', async () => {
    const feeds: Record<string, TensorLike> = { x: { type: 'int64', dims: [0, 3], data: new BigInt64Array(0) } };
    for (const result of await results(ops.argmax(whole), feeds)) expect(result).toEqual({ dims: [0], data: [] });
  });
});

test('rows of a batch whose size has a name are sorted as others are', async () => {
  const y = ops.topK(ops.input('x', 'float32', ['batch', 'length', 3]), 2);
  const feeds: Record<string, TensorLike> = { x: { type: 'float32', dims: [1, 2, 3], data: Float32Array.of(1, 3, 2, -1, -3, -2) } };
  for (const result of await results(y.indices, feeds)) expect(result).toEqual({ dims: [1, 2, 2], data: [1, 2, 0, 2] });
  for (const result of await results(y.values, feeds)) expect(result).toEqual({ dims: [1, 2, 2], data: [3, 2, -1, -2] });
});
