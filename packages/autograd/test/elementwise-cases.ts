import type { Expr } from '../src/expr.js';
import * as ops from '../src/ops/index.js';
import { apart, type Case, positive } from './operator-case.js';

/** Powers, rounding, comparisons and activations for the table of operators.test.ts. */
export function elementwiseCases(): Case[] {
  const shapes = [[2, 3]];
  const steps = (value: number, index: number) => [-2.5, -1.5, -0.5, 0.5, 1.5, value][index % 6]!;
  const tied = (_: number, index: number) => index % 3;
  return [
    { name: 'pow (square)', shapes, build: (x) => ops.pow(x, 2) },
    { name: 'pow (cube of negatives)', shapes, build: (x) => ops.pow(x, 3) },
    { name: 'pow (a root)', shapes, build: (x) => ops.pow(x, 0.3), sample: positive },
    { name: 'pow (zero)', shapes, build: (x) => ops.add(ops.pow(x, 0), x) },
    { name: 'pow (one)', shapes, build: (x) => ops.pow(x, 1) },
    { name: 'pow (by a tensor)', shapes: [[2, 3], [3]], build: (x, p) => ops.pow(x, p), sample: positive },
    ...Object.entries({ floor: ops.floor, ceil: ops.ceil, round: ops.round }).map(([name, build]) => ({
      name,
      shapes: [[3, 4]],
      build,
      sample: steps,
      differentiable: false,
    })),
    { name: 'straightThrough', shapes, build: (x) => ops.straightThrough(x, ops.mul(x, 1)) },
    ...Object.entries({ greater: ops.greater, greaterOrEqual: ops.greaterOrEqual, notEqual: ops.notEqual }).map(([name, compare]) => ({
      name,
      shapes: [[5], [5]],
      build: (a: Expr, b: Expr) => compare(a, ops.mul(b, 2)),
      sample: tied,
      differentiable: false,
    })),
    { name: 'clamp', shapes: [[3, 4]], build: (x) => ops.clamp(x, { minimum: -0.5, maximum: 0.7 }), sample: apart },
    { name: 'clamp (below)', shapes: [[3, 4]], build: (x) => ops.clamp(x, { minimum: -0.5 }), sample: apart },
    { name: 'clamp (above)', shapes: [[3, 4]], build: (x) => ops.clamp(x, { maximum: 0.2 }), sample: apart },
    ...Object.entries({ softplus: ops.softplus, logSigmoid: ops.logSigmoid, mish: ops.mish }).map(([name, build]) => ({
      name,
      shapes,
      build,
    })),
    { name: 'softplus (far out)', shapes: [[5]], build: ops.softplus, sample: (_, i) => (i - 2) * 45 },
    { name: 'elu', shapes: [[3, 4]], build: (x) => ops.elu(x, 0.7), sample: apart },
    { name: 'leakyRelu', shapes: [[3, 4]], build: (x) => ops.leakyRelu(x, 0.2), sample: apart },
    { name: 'glu', shapes: [[2, 4, 3]], build: (x) => ops.glu(x, 1) },
  ];
}
