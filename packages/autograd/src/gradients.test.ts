import { expect, test } from '@jest/globals';
import { evaluate } from './evaluate.js';
import { gradients } from './gradients.js';
import * as ops from './ops/index.js';

const x = ops.input('x', 'float32', [3]);
const at = { inputs: { x: { type: 'float32' as const, dims: [3], data: Float32Array.of(1, 2, 3) } } };

test('paths that join again add up', () => {
  const [dx] = gradients(ops.sum(ops.add(ops.mul(x, x), ops.mul(x, 3))), [x]);
  expect(evaluate([dx!], at)[0]!.data).toEqual(Float64Array.of(5, 7, 9));
});

test('a target that the loss does not depend on gets zeros of its shape', () => {
  const other = ops.parameter([2, 2], () => new Float32Array(4));
  const [none] = gradients(ops.sum(x), [other]);
  expect(evaluate([none!])[0]).toMatchObject({ dims: [2, 2], data: new Float64Array(4) });
});

test('zeros have the type of their target, and a size that has a name', () => {
  const [double, free] = gradients(ops.sum(x), [ops.input('double', 'float64', [2]), ops.input('free', 'float32', ['batch', 2])]);
  expect(double!.type).toBe('float64');
  expect(free!.dims).toEqual(['batch', 2]);
});

test('an inner value can be a target, and no gradient passes stopGradient', () => {
  const inner = ops.mul(x, x);
  const [dInner, dx] = gradients(ops.sum(ops.mul(inner, ops.stopGradient(x))), [inner, x]);
  expect(evaluate([dInner!, dx!], at).map(({ data }) => [...data])).toEqual([
    [1, 2, 3],
    [2, 8, 18],
  ]);
});

test('a gradient can be differentiated again', () => {
  const [dx] = gradients(ops.sum(ops.mul(x, ops.mul(x, x))), [x]);
  const [ddx] = gradients(ops.sum(dx!), [x]);
  expect(evaluate([ddx!], at)[0]!.data).toEqual(Float64Array.of(6, 12, 18));
});

test('a model of a thousand layers is differentiated without recursion', () => {
  let y = x;
  for (let i = 0; i < 1000; i++) y = ops.mul(y, 1);
  const [dx] = gradients(ops.sum(y), [x]);
  expect(evaluate([dx!], at)[0]!.data).toEqual(Float64Array.of(1, 1, 1));
});
