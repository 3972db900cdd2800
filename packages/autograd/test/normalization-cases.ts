import * as ops from '../src/ops/index.js';
import type { Case } from './operator-case.js';

/** Normalisation for the table of operators.test.ts. */
export function normalizationCases(): Case[] {
  const shapes = [[2, 3, 4], [3], [3]];
  const mask = ops.constant({ type: 'float32', dims: [2, 1, 4], data: Float32Array.of(1, 1, 1, 0, 1, 1, 0, 0) });
  return [
    { name: 'rmsNorm', shapes: [[2, 3, 5], [5]], build: (x, scale) => ops.rmsNorm(x, scale) },
    { name: 'groupNorm', shapes: [[2, 4, 3], [4], [4]], build: (x, scale, bias) => ops.groupNorm(x, scale, bias, 2) },
    { name: 'batchNorm', shapes: [[2, 3, 2, 2], [3], [3]], build: (x, scale, bias) => ops.batchNorm(x, scale, bias) },
    {
      name: 'batchNorm (running statistics)',
      shapes: [[2, 3, 2], [3], [3], [3], [3]],
      build: (x, scale, bias, mean, root) => ops.batchNorm(x, scale, bias, { mean, variance: ops.add(ops.mul(root, root), 0.1) }),
    },
    {
      name: 'batchNorm (padding apart)',
      shapes,
      build: (x, scale, bias) => ops.batchNorm(x, scale, bias, ops.batchStatistics(x, mask)),
    },
    {
      name: 'updateStatistics',
      shapes,
      build: (x, mean, variance) => {
        const next = ops.updateStatistics({ mean, variance }, ops.batchStatistics(x));
        return ops.stack([next.mean, next.variance]);
      },
    },
  ];
}
