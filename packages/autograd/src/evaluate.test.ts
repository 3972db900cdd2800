import { expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { evaluate } from './evaluate.js';
import * as ops from './ops/index.js';

const x = ops.input('x', 'float32', ['batch', 2]);
const w = ops.parameter([2, 1], () => new Float32Array(2));
const y = ops.matmul(x, w);

const matrix = (dims: readonly number[], ...values: number[]): TensorLike => ({ type: 'float32', dims, data: Float32Array.from(values) });
const given = { inputs: { x: matrix([2, 2], 1, 2, 3, 4) }, parameters: new Map([[w, matrix([2, 1], 10, 1)]]) };

test('evaluates in float64, with sizes of named dimensions from the feeds', () => {
  const [value, scaled] = evaluate([y, ops.mul(y, 0.1)], given);
  expect(value).toEqual({ type: 'float32', dims: [2, 1], data: Float64Array.of(12, 34) });
  // The constant is float32; the product is not rounded to it.
  expect(scaled!.data).toEqual(Float64Array.of(12 * Math.fround(0.1), 34 * Math.fround(0.1)));
});

test('takes its own results as feeds', () => {
  const [value] = evaluate([y], given);
  const z = ops.input('z', 'float32', [2, 1]);
  expect(evaluate([ops.neg(z)], { inputs: { z: value! } })[0]!.data).toEqual(Float64Array.of(-12, -34));
});

test('a number takes the type of the tensor that it meets', () => {
  const [value] = evaluate([ops.mul(ops.input('z', 'float64', [1]), 0.1)], {
    inputs: { z: { type: 'float64', dims: [1], data: Float64Array.of(3) } },
  });
  expect(value).toEqual({ type: 'float64', dims: [1], data: Float64Array.of(3 * 0.1) });
});

test('a deep expression does not exhaust the stack', () => {
  let deep = x;
  for (let i = 0; i < 20_000; i++) deep = ops.add(deep, 1);
  expect(evaluate([deep], { inputs: { x: matrix([1, 2], 0, 1) } })[0]!.data).toEqual(Float64Array.of(20_000, 20_001));
});

test('a shared node is computed once', () => {
  let shared = x;
  for (let i = 0; i < 60; i++) shared = ops.mul(ops.add(shared, shared), 0.5);
  expect(evaluate([shared], { inputs: { x: matrix([1, 2], 3, 4) } })[0]!.data).toEqual(Float64Array.of(3, 4));
});

test.each([
  ['an input without a value', {}, 'AUTOGRAD_UNBOUND', "input 'x' has no value"],
  ['a parameter without a value', { inputs: given.inputs }, 'AUTOGRAD_UNBOUND', 'parameter'],
  ['another rank', { ...given, inputs: { x: matrix([4], 1, 2, 3, 4) } }, 'AUTOGRAD_SHAPE', "'x' is float32 [4]"],
  ['too few elements', { ...given, inputs: { x: matrix([2, 2], 1, 2, 3) } }, 'AUTOGRAD_SHAPE', "'x' has 3 elements, but [2,2] needs 4"],
  ['another size', { ...given, inputs: { x: matrix([1, 3], 1, 2, 3) } }, 'AUTOGRAD_SHAPE', 'declares float32 [batch,2]'],
  [
    'another type',
    { ...given, inputs: { x: { type: 'int32' as const, dims: [1, 2], data: Int32Array.of(1, 2) } } },
    'AUTOGRAD_SHAPE',
    "'x' is int32",
  ],
])('refuses %s', (_, feeds, code, message) => {
  expect(() => evaluate([y], feeds)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});

test('refuses two sizes for one named dimension', () => {
  const z = ops.input('z', 'float32', ['batch', 2]);
  expect(() => evaluate([ops.add(x, z)], { inputs: { x: matrix([1, 2], 1, 2), z: matrix([2, 2], 1, 2, 3, 4) } })).toThrow(
    expect.objectContaining({ code: 'AUTOGRAD_SHAPE', message: expect.stringContaining("'z' is float32 [2,2]") }),
  );
});

test('refuses a named dimension that no feed has', () => {
  expect(() => evaluate([ops.expand(ops.constant(1), ['length'])])).toThrow(
    expect.objectContaining({ code: 'AUTOGRAD_DIMENSION', message: expect.stringContaining("'length' has no size") }),
  );
});
