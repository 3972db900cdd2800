import type { Expr } from '../src/expr.js';
import * as ops from '../src/ops/index.js';
import type { Case } from './operator-case.js';

/** A seed that is not known before the graph runs, so that nothing is drawn while it is built. */
const seedOf = (x: Expr): Expr => ops.cast(ops.reshape(x, []), 'int64');

/** Numbers drawn in the graph for the table of operators.test.ts. */
export function randomCases(): Case[] {
  const draws = { randomUniform: ops.randomUniform, randomNormal: ops.randomNormal, randomGumbel: ops.randomGumbel };
  return [
    ...Object.entries(draws).map(([name, draw]) => ({
      name,
      shapes: [[1]],
      build: (x: Expr) => draw([3, 5], { seed: seedOf(x), stream: 6 }),
      sample: () => 77,
      differentiable: false,
    })),
    { name: 'dropout', shapes: [[4, 5]], build: (x) => ops.dropout(x, { rate: 0.4, seed: 3 }) },
  ];
}
