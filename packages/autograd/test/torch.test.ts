import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { type Expr, emitOnnx, evaluate, gradients, type OrtModule, onnxBackend, ops } from '../src/index.js';

interface Stored {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly name: string;
  readonly inputs: readonly Stored[];
  readonly output: Stored;
  /** Of sum(output · cos(1, 2, …)). */
  readonly gradients?: readonly (readonly number[])[];
}

const { cases } = JSON.parse(readFileSync(new URL('./goldens/operators.json', import.meta.url), 'utf8')) as { cases: Golden[] };

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const ids = (dims: number[], values: number[]) => ops.constant({ type: 'int64', dims, data: BigInt64Array.from(values, BigInt) });
const places = ids([2, 4], [2, 2, 0, 1, 0, 1, 1, 1]);
const sides = [
  [0, 0],
  [0, 0],
  [1, 2],
  [2, 1],
] as const;

/** Ours, by the names of PyTorch's calls. */
const ours: Readonly<Record<string, (...inputs: Expr[]) => Expr>> = {
  conv1d: (x, w, bias) => ops.convolution(x!, w!, { stride: 2, padding: 1, bias: bias! }),
  'conv1d depthwise dilated': (x, w) => ops.convolution(x!, w!, { padding: 4, dilation: 2, groups: 4 }),
  conv3d: (x, w, bias) => ops.convolution(x!, w!, { stride: [1, 2, 1], padding: 1, bias: bias! }),
  conv_transpose3d: (x, w) => ops.convolutionTranspose(x!, w!, { stride: [1, 2, 2], padding: [0, 1, 1], outputPadding: [0, 0, 1] }),
  conv_transpose1d: (x, w) => ops.convolutionTranspose(x!, w!, { stride: 3, outputPadding: 2 }),
  max_pool2d: (x) => ops.maxPool(x!, { kernel: 3, stride: 2, padding: 1 }),
  'max_pool2d ties': (x) => ops.maxPool(x!, { kernel: 2 }),
  max_pool1d: (x) => ops.maxPool(x!, { kernel: 3, stride: 1, padding: 1 }),
  max_pool3d: (x) => ops.maxPool(x!, { kernel: 2 }),
  avg_pool2d: (x) => ops.averagePool(x!, { kernel: 3, stride: 2, padding: 1 }),
  'avg_pool2d without padding': (x) => ops.averagePool(x!, { kernel: 3, stride: 2, padding: 1, includePadding: false }),
  avg_pool1d: (x) => ops.averagePool(x!, { kernel: 2 }),
  'interpolate nearest': (x) => ops.upsampleNearest(x!, 2),
  'interpolate bilinear': (x) => ops.upsampleLinear(x!, { size: [5, 7] }),
  'interpolate bilinear corners': (x) => ops.upsampleLinear(x!, { size: [5, 7], alignCorners: true }),
  'interpolate bilinear smaller': (x) => ops.upsampleLinear(x!, { size: [2, 3] }),
  'interpolate linear': (x) => ops.upsampleLinear(x!, { size: 9 }),
  group_norm: (x, w, b) => ops.groupNorm(x!, w!, b!, 2),
  layer_norm: (x, w, b) => ops.layerNorm(x!, w!, b!),
  batch_norm: (x, w, b) => ops.batchNorm(x!, w!, b!),
  'batch_norm running': (x, w, b, mean, variance) => ops.batchNorm(x!, w!, b!, { mean: mean!, variance: variance! }),
  'batch_norm statistics': (x, mean, variance) => {
    const next = ops.updateStatistics({ mean: mean!, variance: variance! }, ops.batchStatistics(x!));
    return ops.stack([next.mean, next.variance]);
  },
  rms_norm: (x, w) => ops.rmsNorm(x!, w!),
  logsumexp: (x) => ops.logSumExp(x!, [0, 2]),
  prod: (x) => ops.product(x!, 1),
  var: (x) => ops.variance(x!, 1, { correction: 1 }),
  std: (x) => ops.standardDeviation(x!),
  'amax ties': (x) => ops.max(x!, 1),
  'amin ties': (x) => ops.min(x!, 1),
  cumsum: (x) => ops.cumulativeSum(x!, 1),
  topk: (x) => ops.topK(x!, 2, 1).values,
  'sort descending': (x) => ops.sort(x!, 1, { descending: true }).values,
  argsort: (x) => ops.sort(x!).indices,
  argmin: (x) => ops.argmin(x!),
  gather: (x) => ops.takeAlong(x!, places),
  scatter_add: (x, updates) => ops.addAlong(x!, places, updates!),
  embedding: (table) => ops.gather(table!, places),
  index_select: (x) => ops.gather(x!, ids([3], [3, 0, 3]), 1),
  'pad reflect': (x) => ops.pad(x!, sides, { mode: 'reflect' }),
  'pad replicate': (x) => ops.pad(x!, sides, { mode: 'replicate' }),
  'pad constant': (x) => ops.pad(x!, sides, { value: -1.5 }),
  'einsum bqhd,bkhd->bhqk': (a, b) => ops.einsum('bqhd,bkhd->bhqk', a!, b!),
  'einsum ij': (a) => ops.einsum('ji', a!),
  'einsum three': (a, b, c) => ops.einsum('bnc,bmc,nm->b', a!, b!, c!),
  softplus: (x) => ops.softplus(x!),
  elu: (x) => ops.elu(x!),
  leaky_relu: (x) => ops.leakyRelu(x!, 0.2),
  mish: (x) => ops.mish(x!),
  logsigmoid: (x) => ops.logSigmoid(x!),
  silu: (x) => ops.silu(x!),
  'gelu tanh': (x) => ops.geluTanh(x!),
  glu: (x) => ops.glu(x!, 1),
  'clamp at the bounds': (x) => ops.clamp(x!, { minimum: -1, maximum: 0.5 }),
  pow: (x) => ops.pow(x!, 3),
  'pow by tensor': (x, p) => ops.pow(x!, p!),
  round: (x) => ops.round(x!),
  'cross_entropy ignored': (x) => ops.crossEntropy(x!, ids([3], [2, -100, 3]), { ignoreIndex: -100 }),
  'cross_entropy smoothed': (x) => ops.crossEntropy(x!, ids([3], [2, 0, 3]), { labelSmoothing: 0.1 }),
  binary_cross_entropy_with_logits: (x, y) => ops.binaryCrossEntropy(x!, y!),
  smooth_l1: (x, y) => ops.smoothL1(x!, y!, 0.7),
  'rotary halves': (x) => ops.rotary(x!, ops.rotaryTables(3, 6)),
  'rotary neighbours': (x) => ops.rotary(x!, ops.rotaryTables(3, 6), { pairs: 'neighbours' }),
  'attention causal': (q, k, v) => ops.attention(q!, k!, v!, { causal: true }),
  'relative shift': (x) => ops.relativeShift(x!),
  'multi-head baddbmm': (a, b) => ops.flip(ops.matmul(a!, b!), 1),
};

function largestDifference(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return b.reduce((largest, value, i) => Math.max(largest, Math.abs(a[i]! - value) / Math.max(1, Math.abs(value))), 0);
}

test('every stored case has an operator', () => {
  expect(cases.map(({ name }) => name)).toEqual(Object.keys(ours));
});

describe.each(cases)('$name', ({ name, inputs, output, gradients: wanted }) => {
  const leaves = inputs.map(({ dims }, i) => ops.input(`x${i}`, 'float32', dims));
  const y = ours[name]!(...leaves);
  const weights = Float32Array.from(output.data, (_, i) => Math.cos(i + 1));
  const roots =
    wanted === undefined
      ? [y]
      : [y, ...gradients(ops.sum(ops.mul(y, ops.constant({ type: 'float32', dims: output.dims, data: weights }))), leaves)];
  const expected = [output.data, ...(wanted ?? [])];
  const feeds = Object.fromEntries(
    inputs.map(({ dims, data }, i) => [`x${i}`, { type: 'float32' as const, dims, data: Float32Array.from(data) }]),
  );

  test('agrees with PyTorch in float64, and so does its gradient', () => {
    const values = evaluate(roots, { inputs: feeds });
    expect(values[0]!.dims).toEqual(output.dims);
    for (const [i, { data }] of values.entries()) expect(largestDifference(data, expected[i]!)).toBeLessThan(5e-6);
  });

  test('agrees with PyTorch on ONNX Runtime, and so does its gradient', async () => {
    const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(roots.map((root, i) => [`y${i}`, root])) }));
    const results = await program.run(Object.fromEntries(program.inputNames.map((key) => [key, feeds[key]!])));
    for (const [i, values] of expected.entries()) {
      const data = Float64Array.from((await results[`y${i}`]!.read()) as ArrayLike<number>, Number);
      expect(largestDifference(data, values)).toBeLessThan(1e-5);
    }
    await program.release();
  });
});
