import * as ops from '../src/ops/index.js';
import { apart, type Case, positive } from './operator-case.js';

/** Reductions, sums along an axis and order for the table of operators.test.ts. */
export function reductionCases(): Case[] {
  const shapes = [[2, 3, 4]];
  /** Zeros: none, one and two in the rows of 3. */
  const zeroed = (value: number, index: number) => ([3, 6, 8].includes(index) ? 0 : positive(value));
  return [
    { name: 'min', shapes, build: (x) => ops.min(x, 1), sample: apart },
    { name: 'min (all, kept)', shapes, build: (x) => ops.min(x, undefined, true), sample: apart },
    { name: 'argmin', shapes, build: (x) => ops.argmin(x), sample: apart, differentiable: false },
    { name: 'argmin (ties)', shapes: [[6]], build: (x) => ops.argmin(x), sample: (_, i) => -(i % 3), differentiable: false },
    { name: 'logSumExp', shapes, build: (x) => ops.logSumExp(x, -1) },
    { name: 'logSumExp (two axes, kept)', shapes, build: (x) => ops.logSumExp(x, [0, 2], true) },
    { name: 'logSumExp (large values)', shapes: [[2, 4]], build: (x) => ops.logSumExp(ops.mul(x, 300), 1), differentiable: false },
    {
      name: 'logSumExp (of what is left out)',
      shapes: [[2, 4]],
      build: (x) => ops.logSumExp(ops.where(ops.less(x, 0), Number.NEGATIVE_INFINITY, x), 1),
      sample: (value, i) => (i === 1 ? -1 : Math.abs(value)),
      differentiable: false,
    },
    { name: 'product', shapes, build: (x) => ops.product(x, 1), sample: positive },
    { name: 'product (all)', shapes: [[2, 3]], build: (x) => ops.product(x) },
    { name: 'product (zeros)', shapes: [[3, 3]], build: (x) => ops.product(x, 1), sample: zeroed },
    { name: 'variance', shapes, build: (x) => ops.variance(x, [0, -1]) },
    { name: 'variance (unbiased, kept)', shapes, build: (x) => ops.variance(x, 1, { correction: 1, keepDims: true }) },
    { name: 'standardDeviation', shapes, build: (x) => ops.standardDeviation(x) },
    { name: 'cumulativeSum', shapes, build: (x) => ops.cumulativeSum(x, 1) },
    { name: 'cumulativeSum (exclusive)', shapes, build: (x) => ops.cumulativeSum(x, -1, { exclusive: true }) },
    { name: 'cumulativeSum (reverse)', shapes, build: (x) => ops.cumulativeSum(x, 0, { reverse: true }) },
    { name: 'cumulativeSum (exclusive, reverse)', shapes, build: (x) => ops.cumulativeSum(x, 1, { exclusive: true, reverse: true }) },
    { name: 'topK', shapes, build: (x) => ops.topK(x, 2).values, sample: apart },
    { name: 'topK (smallest, first axis)', shapes, build: (x) => ops.topK(x, 1, 0, { largest: false }).values, sample: apart },
    { name: 'topK (places)', shapes, build: (x) => ops.topK(x, 2, 1).indices, sample: apart, differentiable: false },
    { name: 'topK (places of ties)', shapes: [[8]], build: (x) => ops.topK(x, 5).indices, sample: (_, i) => i % 3, differentiable: false },
    { name: 'sort', shapes, build: (x) => ops.sort(x, 1).values, sample: apart },
    { name: 'sort (descending)', shapes, build: (x) => ops.sort(x, -1, { descending: true }).values, sample: apart },
    { name: 'sort (places of ties)', shapes: [[8]], build: (x) => ops.sort(x).indices, sample: (_, i) => i % 3, differentiable: false },
  ];
}
