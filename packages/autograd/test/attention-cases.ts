import * as ops from '../src/ops/index.js';
import type { Case } from './operator-case.js';

/** Attention and positions for the table of operators.test.ts. */
export function attentionCases(): Case[] {
  const shapes = [
    [2, 2, 3, 4],
    [2, 2, 5, 4],
    [2, 2, 5, 3],
  ];
  const grouped = [
    [1, 4, 2, 2],
    [1, 2, 3, 2],
    [1, 2, 3, 2],
  ];
  const bool = (dims: number[], ...data: number[]) => ops.constant({ type: 'bool', dims, data: Uint8Array.from(data) });
  // The second item of the batch has no keys at all.
  const padding = bool([2, 1, 1, 5], 1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
  const halves = ops.rotaryTables(3, 4);
  return [
    { name: 'attention', shapes, build: (q, k, v) => ops.attention(q, k, v) },
    { name: 'attention (a mask, one item masked whole)', shapes, build: (q, k, v) => ops.attention(q, k, v, { mask: padding }) },
    { name: 'attention (causal, after a cache)', shapes, build: (q, k, v) => ops.attention(q, k, v, { causal: true }) },
    { name: 'attention (causal, a mask)', shapes, build: (q, k, v) => ops.attention(q, k, v, { causal: true, mask: padding }) },
    {
      name: 'attention (a bias, a scale)',
      shapes: [...shapes, [2, 3, 5]],
      build: (q, k, v, bias) => ops.attention(q, k, v, { bias, scale: 1 }),
    },
    { name: 'attention (grouped queries)', shapes: grouped, build: (q, k, v) => ops.attention(q, k, v, { causal: true }) },
    {
      name: 'attention (grouped queries, a mask, a bias per head)',
      shapes: [...grouped, [4, 2, 3]],
      build: (q, k, v, bias) => ops.attention(q, k, v, { bias, mask: bool([1, 1, 2, 3], 1, 0, 1, 0, 0, 0) }),
    },
    {
      name: 'attention (its weights halved)',
      shapes: grouped,
      build: (q, k, v) => ops.attention(q, k, v, { weights: (all) => ops.mul(all, 0.5) }),
    },
    { name: 'rotary', shapes: [[1, 2, 3, 4]], build: (x) => ops.rotary(x, halves) },
    { name: 'rotary (neighbours)', shapes: [[1, 2, 3, 4]], build: (x) => ops.rotary(x, halves, { pairs: 'neighbours' }) },
    { name: 'rotary (part of the axis)', shapes: [[1, 2, 3, 6]], build: (x) => ops.rotary(x, halves) },
    { name: 'relativeShift', shapes: [[2, 3, 5]], build: (x) => ops.relativeShift(x) },
    {
      name: 'relativeBuckets',
      shapes: [[8, 2]],
      build: (table) => ops.gather(table, ops.relativeBuckets({ queries: 5, keys: 7, buckets: 8, maxDistance: 6, offset: 2 })),
    },
  ];
}
