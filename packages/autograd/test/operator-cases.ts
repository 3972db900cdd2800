import type { Expr } from '../src/expr.js';
import * as ops from '../src/ops/index.js';
import { attentionCases } from './attention-cases.js';
import { convolutionCases } from './convolution-cases.js';
import { elementwiseCases } from './elementwise-cases.js';
import { einsumCases, indexingCases } from './indexing-cases.js';
import { integerCases } from './integer-cases.js';
import { lossCases } from './loss-cases.js';
import { normalizationCases } from './normalization-cases.js';
import { apart, type Case, ids, positive } from './operator-case.js';
import { randomCases } from './random-cases.js';
import { reductionCases } from './reduction-cases.js';
import { spatialCases } from './spatial-cases.js';

/** A row for each operator, and for each way in which it works: what every runtime is held to. */
export const operatorCases: readonly Case[] = [
  ...(['neg', 'exp', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'gelu', 'geluTanh', 'quickGelu', 'silu'] as const).map((name) => ({
    name,
    shapes: [[2, 3]],
    build: ops[name] as (x: Expr) => Expr,
  })),
  ...(['log', 'sqrt', 'reciprocal'] as const).map((name) => ({ name, shapes: [[2, 3]], build: ops[name], sample: positive })),
  ...(['abs', 'relu'] as const).map((name) => ({ name, shapes: [[2, 3]], build: ops[name], sample: apart })),
  ...(['add', 'sub', 'mul', 'maximum', 'minimum'] as const).flatMap((name) => [
    {
      name,
      shapes: [
        [2, 3],
        [2, 3],
      ],
      build: ops[name] as Case['build'],
      sample: apart,
    },
    {
      name: `${name} (broadcast)`,
      shapes: [
        [2, 1, 3],
        [4, 1],
      ],
      build: ops[name] as Case['build'],
      sample: apart,
    },
  ]),
  { name: 'div', shapes: [[2, 3], [3]], build: ops.div as Case['build'], sample: positive },
  { name: 'operators with a number', shapes: [[2, 3]], build: (x) => ops.div(ops.sub(2, ops.mul(x, 3)), 4) },
  { name: 'sign', shapes: [[5]], build: ops.sign, sample: apart, differentiable: false },
  { name: 'equal', shapes: [[4], [4]], build: (a, b) => ops.equal(a, b), sample: (_, i) => i % 3, differentiable: false },
  {
    name: 'or, and, not, less',
    shapes: [[4], [4]],
    build: (a, b) => ops.or(ops.and(ops.less(a, b), ops.not(ops.lessOrEqual(b, a))), ops.equal(a, 0)),
    sample: apart,
    differentiable: false,
  },
  { name: 'where', shapes: [[2, 3], [3], [2, 1]], build: (c, a, b) => ops.where(ops.less(c, 0), a, b), sample: apart },
  { name: 'cast', shapes: [[4]], build: (x) => ops.cast(ops.mul(x, 3), 'int32'), sample: apart, differentiable: false },
  { name: 'stopGradient', shapes: [[4]], build: (x) => ops.mul(x, ops.stopGradient(ops.constant(2))) },
  { name: 'sum', shapes: [[2, 3, 4]], build: (x) => ops.sum(x, [0, -1]) },
  { name: 'sum (all)', shapes: [[2, 3]], build: (x) => ops.sum(x) },
  { name: 'mean', shapes: [[2, 3, 4]], build: (x) => ops.mean(x, 1, true) },
  { name: 'max', shapes: [[2, 3, 4]], build: (x) => ops.max(x, -1), sample: apart },
  { name: 'argmax', shapes: [[3, 4]], build: (x) => ops.argmax(x, 0), sample: apart, differentiable: false },
  { name: 'reshape', shapes: [[2, 3, 4]], build: (x) => ops.reshape(x, [6, -1]) },
  { name: 'transpose', shapes: [[2, 3, 4]], build: (x) => ops.transpose(x, [2, 0, 1]) },
  { name: 'expand', shapes: [[3, 1]], build: (x) => ops.expand(x, [2, 3, 4]) },
  { name: 'expandDims', shapes: [[3, 2]], build: (x) => ops.mul(ops.expandDims(x, -1), ops.expandDims(x, 1)) },
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: (a, b) => ops.concat([a, b, a], 1),
  },
  { name: 'slice', shapes: [[2, 7]], build: (x) => ops.slice(x, 1, 1, 5) },
  { name: 'slice (steps)', shapes: [[2, 7, 2]], build: (x) => ops.slice(x, 1, 1, 7, 3) },
  { name: 'slice (steps, to the last element)', shapes: [[7]], build: (x) => ops.slice(x, 0, 0, 7, 2) },
  {
    name: 'pad',
    shapes: [[2, 3]],
    build: (x) =>
      ops.pad(x, [
        [1, 0],
        [2, 3],
      ]),
  },
  { name: 'gather', shapes: [[5, 3]], build: (table) => ops.gather(table, ids([4, 0, 4, 2], [2, 2])) },
  {
    name: 'matmul',
    shapes: [
      [2, 3],
      [3, 4],
    ],
    build: (a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'matmul (batch times matrix)',
    shapes: [
      [2, 5, 3],
      [3, 4],
    ],
    build: (a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'matmul (broadcast batches)',
    shapes: [
      [2, 1, 2, 3],
      [4, 3, 2],
    ],
    build: (a, b) => ops.matmul(a!, b!),
  },
  {
    name: 'matmul (both transposed)',
    shapes: [
      [2, 3, 2],
      [2, 4, 3],
    ],
    build: (a, b) => ops.matmul(a, b, { transposeA: true, transposeB: true }),
  },
  {
    name: 'matmul (second transposed)',
    shapes: [
      [2, 5, 3],
      [4, 3],
    ],
    build: (a, b) => ops.matmul(a, b, { transposeB: true }),
  },
  { name: 'linear', shapes: [[2, 5, 3], [4, 3], [4]], build: ops.linear },
  {
    name: 'slices that tile',
    shapes: [[2, 6]],
    build: (x) => ops.add(ops.mul(ops.slice(x, 1, 0, 3), ops.slice(x, 1, 3, 6)), ops.slice(x, 1, 0, 3)),
  },
  { name: 'softmax', shapes: [[3, 4]], build: (x) => ops.softmax(x) },
  { name: 'softmax (first axis)', shapes: [[3, 4]], build: (x) => ops.softmax(x, 0) },
  { name: 'logSoftmax', shapes: [[3, 4]], build: (x) => ops.logSoftmax(x) },
  { name: 'layerNorm', shapes: [[2, 3, 5], [5], [5]], build: (x, scale, bias) => ops.layerNorm(x, scale, bias) },
  ...lossCases(),
  ...normalizationCases(),
  ...elementwiseCases(),
  ...integerCases(),
  ...reductionCases(),
  ...indexingCases(),
  ...einsumCases(),
  ...convolutionCases(),
  ...spatialCases(),
  ...attentionCases(),
  ...randomCases(),
];
