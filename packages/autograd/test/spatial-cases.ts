import * as ops from '../src/ops/index.js';
import { apart, type Case } from './operator-case.js';

/** Pooling and upsampling for the table of operators.test.ts. */
export function spatialCases(): Case[] {
  const image = [[2, 2, 5, 6]];
  return [
    { name: 'maxPool', shapes: [[2, 3, 4, 6]], build: (x) => ops.maxPool(x, { kernel: 2 }), sample: apart },
    {
      name: 'maxPool (overlapping, padded)',
      shapes: image,
      build: (x) => ops.maxPool(x, { kernel: 3, stride: 2, padding: 1 }),
      sample: apart,
    },
    { name: 'maxPool (a rest)', shapes: image, build: (x) => ops.maxPool(x, { kernel: [2, 3], stride: [3, 2] }), sample: apart },
    {
      name: 'maxPool (1-D)',
      shapes: [[2, 2, 7]],
      build: (x) => ops.maxPool(x, { kernel: 3, stride: 1, padding: [[2, 0]] }),
      sample: apart,
    },
    { name: 'maxPool (3-D)', shapes: [[1, 2, 4, 2, 4]], build: (x) => ops.maxPool(x, { kernel: 2 }), sample: apart },
    { name: 'averagePool', shapes: [[2, 3, 4, 6]], build: (x) => ops.averagePool(x, { kernel: 2 }) },
    { name: 'averagePool (overlapping, padded)', shapes: image, build: (x) => ops.averagePool(x, { kernel: 3, stride: 2, padding: 1 }) },
    {
      name: 'averagePool (without padding)',
      shapes: image,
      build: (x) => ops.averagePool(x, { kernel: [3, 2], stride: [2, 1], padding: [1, 1], includePadding: false }),
    },
    { name: 'averagePool (a rest)', shapes: image, build: (x) => ops.averagePool(x, { kernel: 2, stride: 2 }) },
    { name: 'averagePool (stride 1)', shapes: image, build: (x) => ops.averagePool(x, { kernel: 3, stride: 1, padding: 1 }) },
    { name: 'averagePool (1-D)', shapes: [[2, 2, 8]], build: (x) => ops.averagePool(x, { kernel: 4 }) },
    { name: 'averagePool (3-D)', shapes: [[1, 2, 4, 2, 4]], build: (x) => ops.averagePool(x, { kernel: 2 }) },
    { name: 'maxPool (a window for the rest)', shapes: image, build: (x) => ops.maxPool(x, { kernel: 2, ceil: true }), sample: apart },
    { name: 'averagePool (a window for the rest)', shapes: image, build: (x) => ops.averagePool(x, { kernel: 3, stride: 2, ceil: true }) },
    {
      name: 'averagePool (a window for the rest, padded)',
      shapes: image,
      build: (x) => ops.averagePool(x, { kernel: 3, stride: 2, padding: 1, ceil: true }),
    },
    { name: 'upsampleNearest', shapes: [[2, 2, 2, 3]], build: (x) => ops.upsampleNearest(x, 2) },
    { name: 'upsampleNearest (two factors)', shapes: [[1, 2, 2, 3]], build: (x) => ops.upsampleNearest(x, [3, 1]) },
    { name: 'upsampleNearest (1-D)', shapes: [[1, 2, 3]], build: (x) => ops.upsampleNearest(x, 4) },
    { name: 'upsampleNearest (3-D)', shapes: [[1, 2, 2, 1, 3]], build: (x) => ops.upsampleNearest(x, 2) },
    { name: 'upsampleLinear', shapes: [[2, 2, 3, 4]], build: (x) => ops.upsampleLinear(x, { size: [6, 8] }) },
    { name: 'upsampleLinear (corners)', shapes: [[1, 2, 3, 4]], build: (x) => ops.upsampleLinear(x, { size: [5, 7], alignCorners: true }) },
    { name: 'upsampleLinear (smaller)', shapes: [[1, 2, 6, 5]], build: (x) => ops.upsampleLinear(x, { size: [3, 4] }) },
    { name: 'upsampleLinear (1-D)', shapes: [[1, 2, 4]], build: (x) => ops.upsampleLinear(x, { size: 9 }) },
    {
      name: 'upsampleLinear (3-D)',
      shapes: [[1, 2, 2, 3, 4]],
      build: (x) => ops.upsampleLinear(x, { size: [4, 5, 3], alignCorners: true }),
    },
    { name: 'upsampleLinear (3-D, one axis)', shapes: [[1, 2, 2, 3, 2]], build: (x) => ops.upsampleLinear(x, { size: [2, 6, 2] }) },
  ];
}
