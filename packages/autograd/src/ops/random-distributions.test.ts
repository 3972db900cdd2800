import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { oldRuntime } from '../../test/old-runtime.js';
import { evaluate } from '../evaluate.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import { erf } from './erf.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const step = ops.input('step', 'int64', []);
const at = (value: bigint) => ({ step: { type: 'int64' as const, dims: [], data: BigInt64Array.of(value) } });
const eulerGamma = 0.5772156649015329;

describe.each([
  // Skewness and the excess of the fourth moment, of the distributions' definitions.
  {
    name: 'randomNormal',
    draw: ops.randomNormal,
    mean: 0,
    variance: 1,
    skewness: 0,
    below: (x: number) => 0.5 * (1 + erf(x / Math.SQRT2)),
  },
  {
    name: 'randomGumbel',
    draw: ops.randomGumbel,
    mean: eulerGamma,
    variance: Math.PI ** 2 / 6,
    skewness: 1.1395470994,
    below: (x: number) => Math.exp(-Math.exp(-x)),
  },
])('$name', ({ draw, mean, variance, skewness, below }) => {
  const small = draw([3, 5, 67], { seed: step, stream: 2 });

  test('draws what the reference does', async () => {
    const program = await backend.compile(emitOnnx({ outputs: { small } }));
    const [expected] = evaluate([small], { inputs: at(7n) });
    const { small: result } = await program.run(at(7n));
    expect(result!.dims).toEqual([3, 5, 67]);
    ((await result!.read()) as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected!.data[i]!)).toBeLessThan(4e-6);
    });
    await program.release();
  });

  // Where it is missing, the runner counts this as skipped.
  (oldRuntime === undefined ? test.skip : test)('and so does ONNX Runtime 1.14', async () => {
    const session = await oldRuntime!.InferenceSession.create(emitOnnx({ outputs: { small } }), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const { small: result } = await session.run({ step: new oldRuntime!.Tensor('int64', BigInt64Array.of(7n), []) });
    const [expected] = evaluate([small], { inputs: at(7n) });
    (result!.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected!.data[i]!)).toBeLessThan(4e-6);
    });
  });

  test('has the moments and the distribution of its name, and no infinity', async () => {
    const count = 2 ** 16;
    const program = await backend.compile(emitOnnx({ outputs: { y: draw([count], { seed: step }) } }));
    const values = (await (await program.run(at(3n))).y!.read()) as Float32Array;
    await program.release();
    const deviation = Math.sqrt(variance);
    const moment = (power: number) => values.reduce((sum, value) => sum + ((value - mean) / deviation) ** power, 0) / count;
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(moment(1))).toBeLessThan(4.5 / Math.sqrt(count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4.5 * Math.sqrt(4.4 / count));
    expect(Math.abs(moment(3) - skewness)).toBeLessThan(0.1);
    // Kolmogorov and Smirnov: √n·D stays below 2 with a probability of 99.93 %.
    const largest = values.sort().reduce((most, value, i) => Math.max(most, Math.abs(below(value) - (i + 0.5) / count)), 0);
    expect(largest * Math.sqrt(count)).toBeLessThan(2);
  });

  test('draws others for other seeds and streams, the same for the same', () => {
    const numbers = (seed: bigint, stream: number) => [...evaluate([draw([5], { seed: step, stream })], { inputs: at(seed) })[0]!.data];
    expect(numbers(1n, 0)).toEqual(numbers(1n, 0));
    expect(numbers(1n, 0)).not.toEqual(numbers(2n, 0));
    expect(numbers(1n, 0)).not.toEqual(numbers(1n, 1));
  });

  test('takes an odd number, a single one and a scalar', () => {
    for (const dims of [[7], [1], []]) expect(draw(dims, { seed: 1 }).dims).toEqual(dims);
  });

  test('refuses a size that is not known and a seed that is none', () => {
    expect(() => draw([0], { seed: 1 })).toThrow(/the shape is \[.*0\]/);
    expect(() => draw([2], { seed: 0.5 })).toThrow(/the seed is 0\.5/);
  });
});

test('argmax of logits and Gumbel numbers draws from their softmax', () => {
  const logits = [0, 1, 2];
  const rows = 4000;
  const scores = ops.add(
    ops.constant({ type: 'float32', dims: [3], data: Float32Array.from(logits) }),
    ops.randomGumbel([rows, 3], { seed: 5 }),
  );
  const drawn = evaluate([ops.argmax(scores)])[0]!.data;
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  for (const [i, logit] of logits.entries()) {
    const share = Math.exp(logit) / total;
    expect(Math.abs(drawn.filter((choice) => choice === i).length - rows * share)).toBeLessThan(
      4.5 * Math.sqrt(rows * share * (1 - share)),
    );
  }
});
