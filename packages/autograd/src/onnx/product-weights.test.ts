import { expect, test } from '@jest/globals';
import { ops } from '../index.js';
import { productWeights } from './product-weights.js';

test('names the matrices that something is multiplied with, and the axis of their outputs', () => {
  const matrix = () => ops.parameter([4, 4], () => new Float32Array(16));
  const [linear, turned, straight, bothWays, left, looked, stacked] = [
    matrix(),
    matrix(),
    matrix(),
    matrix(),
    matrix(),
    matrix(),
    ops.parameter([2, 4, 4], () => new Float32Array(32)),
  ];
  const x = ops.input('x', 'float32', [2, 4]);
  const y = [
    ops.linear(x, linear, ops.zeros([4])),
    ops.matmul(x, turned, { transposeB: true }),
    ops.matmul(x, straight),
    ops.matmul(ops.matmul(x, bothWays), bothWays, { transposeB: true }),
    ops.matmul(left, x, { transposeB: true }),
    ops.matmul(
      ops.matmul(x, straight, { transposeA: false }),
      ops.gather(looked, ops.constant({ type: 'int64', dims: [4], data: BigInt64Array.of(0n, 1n, 2n, 3n) })),
    ),
    ops.matmul(x, stacked),
  ];
  expect([...productWeights(y)]).toEqual([
    [linear, 0],
    [turned, 0],
    [straight, 1],
  ]);
});
