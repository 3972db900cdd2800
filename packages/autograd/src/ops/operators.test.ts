import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { createRandom } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { attentionCases } from '../../test/attention-cases.js';
import { convolutionCases } from '../../test/convolution-cases.js';
import { elementwiseCases } from '../../test/elementwise-cases.js';
import { einsumCases, indexingCases } from '../../test/indexing-cases.js';
import { integerCases } from '../../test/integer-cases.js';
import { lossCases } from '../../test/loss-cases.js';
import { normalizationCases } from '../../test/normalization-cases.js';
import { oldRuntime } from '../../test/old-runtime.js';
import { apart, type Case, ids, positive } from '../../test/operator-case.js';
import { reductionCases } from '../../test/reduction-cases.js';
import { spatialCases } from '../../test/spatial-cases.js';
import { evaluate } from '../evaluate.js';
import type { Expr, Reference } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const cases: Case[] = [
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
    name: 'less, and, or, not',
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
];

function makeInputs(shapes: Case['shapes'], sample: NonNullable<Case['sample']>): { leaves: Expr[]; values: Reference[] } {
  const random = createRandom(11);
  const leaves = shapes.map((dims, i) => ops.input(`x${i}`, 'float32', dims));
  const values = shapes.map((dims) => {
    const data = Float64Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.fround(sample(random.normal(), i)));
    return { type: 'float32' as const, dims, data };
  });
  return { leaves, values };
}

const named = (values: readonly Reference[]) => Object.fromEntries(values.map((value, i) => [`x${i}`, value]));
const asFloat32 = (values: readonly Reference[]): Record<string, TensorLike> =>
  Object.fromEntries(values.map(({ dims, data }, i) => [`x${i}`, { type: 'float32', dims, data: Float32Array.from(data) }]));

/** A scalar that weights every element differently, so that no gradient can hide. */
function probe(y: Expr): Expr {
  const count = (y.dims as number[]).reduce((n, dim) => n * dim, 1);
  const weights = ops.constant({
    type: 'float32',
    dims: y.dims as number[],
    data: Float32Array.from({ length: count }, (_, i) => Math.cos(i + 1)),
  });
  return ops.sum(ops.mul(y, weights));
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  return largest;
}

describe.each(cases)('$name', ({ shapes, build, sample = (value) => value, differentiable = true }) => {
  const { leaves, values } = makeInputs(shapes, sample);
  const y = build(...leaves);
  const used = (feeds: Record<string, TensorLike>, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, feeds[name]!]));

  test('ONNX Runtime agrees with the float64 reference', async () => {
    const [expected] = evaluate([y], { inputs: named(values) });
    const program = await backend.compile(emitOnnx({ outputs: { y } }));
    const { y: result } = await program.run(used(asFloat32(values), program.inputNames));
    expect(result!.type).toBe(y.type);
    expect(result!.dims).toEqual(expected!.dims);
    expect(expected!.dims).toEqual(y.dims);
    expect(largestDifference(Float64Array.from((await result!.read()) as ArrayLike<number>, Number), expected!.data)).toBeLessThan(2e-6);
    await program.release();
  });

  // Where it is missing, the runner counts these as skipped.
  (oldRuntime === undefined ? test.skip : test)('ONNX Runtime 1.14 computes the same, and the same gradient', async () => {
    const outputs = Object.fromEntries([y, ...(differentiable ? gradients(probe(y), leaves) : [])].map((node, i) => [`y${i}`, node]));
    const expected = evaluate(Object.values(outputs), { inputs: named(values) });
    const session = await oldRuntime!.InferenceSession.create(emitOnnx({ outputs }), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const feeds = Object.entries(used(asFloat32(values), session.inputNames));
    const results = await session.run(
      Object.fromEntries(feeds.map(([name, { type, data, dims }]) => [name, new oldRuntime!.Tensor(type as never, data as never, dims)])),
    );
    for (const [i, { data }] of expected.entries())
      expect(largestDifference(Float64Array.from(results[`y${i}`]!.data as ArrayLike<number>, Number), data)).toBeLessThan(1e-5);
  });

  if (differentiable) {
    const loss = probe(y);
    const wanted = gradients(loss, leaves);

    test('its gradient agrees with finite differences of the reference', () => {
      const results = evaluate(wanted, { inputs: named(values) });
      const at = (points: readonly Reference[]) => evaluate([loss], { inputs: named(points) })[0]!.data[0]!;
      values.forEach((value, k) => {
        const numeric = value.data.map((centre, i) => {
          const h = 1e-5;
          const moved = (to: number) => values.map((other, j) => (j === k ? { ...other, data: other.data.with(i, to) } : other));
          return (at(moved(centre + h)) - at(moved(centre - h))) / (2 * h);
        });
        expect(largestDifference(results[k]!.data, numeric)).toBeLessThan(1e-7);
      });
    });

    test('ONNX Runtime computes the same gradient', async () => {
      const expected = evaluate(wanted, { inputs: named(values) });
      const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(wanted.map((g, i) => [`g${i}`, g])), opset: 17 }));
      const results = await program.run(used(asFloat32(values), program.inputNames));
      for (const [i, { data }] of expected.entries())
        expect(largestDifference((await results[`g${i}`]!.read()) as Float32Array, data)).toBeLessThan(1e-5);
      await program.release();
    });
  }
});
