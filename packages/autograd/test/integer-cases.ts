import type { Expr } from '../src/expr.js';
import * as ops from '../src/ops/index.js';
import { type Case, ids } from './operator-case.js';

/** A whole number of int64 from a whole number of float32. */
const whole = (x: Expr): Expr => ops.cast(x, 'int64');

/** The same beyond what 32 bits hold. */
const large = (x: Expr): Expr => ops.add(ops.mul(whole(x), 2 ** 33), 2 ** 31);

/** Whole numbers of both signs, ties among them. */
const sample = (_: number, index: number): number => ((index * 5) % 7) - 3;

/** Operators of int64 for the table of operators.test.ts; small differences of large numbers show every bit. */
export function integerCases(): Case[] {
  const row = (name: string, build: Case['build'], ...shapes: number[][]): Case => ({
    name: `${name} (int64)`,
    shapes,
    build,
    sample,
    differentiable: false,
  });
  const places = ids([0, 2, 2, 1], [4]);
  return [
    row('maximum', (a, b) => ops.sub(ops.maximum(large(a), ops.add(large(a), whole(b))), large(a)), [2, 1, 4], [3, 1]),
    row('minimum', (a, b) => ops.sub(ops.minimum(large(a), ops.add(large(a), whole(b))), large(a)), [2, 1, 4], [3, 1]),
    row('maximum with a number', (a) => ops.sub(ops.maximum(large(a), 2 ** 35 + 1), 2 ** 35), [7]),
    row('sign', (a) => ops.sign(large(a)), [7]),
    row('sign of small ones', (a) => ops.sign(whole(a)), [7]),
    row('div rounds towards zero', (a) => ops.div(ops.add(large(a), 5), 2 ** 32), [7]),
    row('max', (a) => ops.sub(ops.max(large(a), 0), 2 ** 33), [2, 3]),
    row('argmax', (a) => ops.argmax(large(a), 0), [4, 3]),
    row('argmin', (a) => ops.argmin(ops.add(large(a), whole(a))), [2, 8]),
    row('cumulativeSum', (a) => ops.cumulativeSum(ops.add(large(a), 1), 0), [7]),
    row('addAlong', (x, y) => ops.addAlong(whole(x), places, whole(y), 0), [3], [4]),
    row('scatterAdd', (x, y) => ops.scatterAdd(whole(x), places, whole(y)), [3, 2], [4, 2]),
    row('where', (a, b) => ops.where(ops.less(large(a), large(b)), whole(a), whole(b)), [7], [7]),
  ];
}
