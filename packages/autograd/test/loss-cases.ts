import * as ops from '../src/ops/index.js';
import { apart, type Case, ids } from './operator-case.js';

/** Losses for the table of operators.test.ts. */
export function lossCases(): Case[] {
  const pair = [
    [2, 3],
    [2, 3],
  ];
  const rows = [[3, 4]];
  return [
    { name: 'meanSquaredError', shapes: pair, build: ops.meanSquaredError },
    { name: 'crossEntropy (ids)', shapes: rows, build: (x) => ops.crossEntropy(x, ids([2, 0, 3])) },
    {
      name: 'crossEntropy (distributions)',
      shapes: [
        [3, 4],
        [3, 4],
      ],
      build: (x, y) => ops.crossEntropy(x, ops.softmax(y)),
    },
    { name: 'crossEntropy (ignored)', shapes: rows, build: (x) => ops.crossEntropy(x, ids([2, -100, 3]), { ignoreIndex: -100 }) },
    { name: 'crossEntropy (all ignored)', shapes: rows, build: (x) => ops.crossEntropy(x, ids([-100, -100, -100]), { ignoreIndex: -100 }) },
    { name: 'crossEntropy (smoothed)', shapes: rows, build: (x) => ops.crossEntropy(x, ids([2, 0, 3]), { labelSmoothing: 0.1 }) },
    { name: 'binaryCrossEntropy', shapes: pair, build: (x, y) => ops.binaryCrossEntropy(x, ops.sigmoid(y)) },
    { name: 'smoothL1', shapes: pair, build: (x, y) => ops.smoothL1(x, ops.mul(y, 2), 0.7), sample: apart },
    { name: 'l2Normalize', shapes: rows, build: (x) => ops.l2Normalize(x) },
  ];
}
