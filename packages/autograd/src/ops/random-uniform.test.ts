import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { oldRuntime } from '../../test/old-runtime.js';
import { evaluate } from '../evaluate.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const step = ops.input('step', 'int64', []);
const at = (value: bigint) => ({ step: { type: 'int64' as const, dims: [], data: BigInt64Array.of(value) } });
const x = ops.input('x', 'float32', [3, 5]);
const dropped = ops.dropout(x, { rate: 0.3, seed: step, stream: 4 });

test("the generator's numbers are what its paper's C gives", () => {
  // squares32 with the key of stream 0, computed with gcc.
  const [numbers] = evaluate([ops.randomUniform([4], { seed: 0 })]);
  expect([...numbers!.data].map((value) => value * 2 ** 24)).toEqual([1908789, 2049580, 2824983, 1227308]);
});

describe.each([
  ['uniform numbers', ops.randomUniform([1001], { seed: step })],
  ['another stream', ops.randomUniform([7, 3], { seed: step, stream: 2 ** 40 })],
  ['what dropout keeps', ops.sign(ops.dropout(ops.expand(ops.constant(1), [501]), { rate: 0.4, seed: step }))],
])('%s', (_, y) => {
  test.each([0n, 1n, 123_456n, 2n ** 32n - 1n])('are the same bits in the reference and on ONNX Runtime (seed %s)', async (seed) => {
    const [expected] = evaluate([y], { inputs: at(seed) });
    const program = await backend.compile(emitOnnx({ outputs: { y } }));
    const { y: result } = await program.run(at(seed));
    expect(Float64Array.from((await result!.read()) as Float32Array)).toEqual(expected!.data);
    await program.release();
  });

  // Where it is missing, the runner counts these as skipped.
  (oldRuntime === undefined ? test.skip : test)('and on ONNX Runtime 1.14', async () => {
    const session = await oldRuntime!.InferenceSession.create(emitOnnx({ outputs: { y } }), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const { y: result } = await session.run({ step: new oldRuntime!.Tensor('int64', BigInt64Array.of(77n), []) });
    expect(Float64Array.from(result!.data as Float32Array)).toEqual(evaluate([y], { inputs: at(77n) })[0]!.data);
  });
});

describe('randomness', () => {
  const draws = async (seed: bigint, stream: number): Promise<Float32Array> => {
    const program = await backend.compile(emitOnnx({ outputs: { y: ops.randomUniform([65_536], { seed: step, stream }) } }));
    const values = (await (await program.run(at(seed))).y!.read()) as Float32Array;
    await program.release();
    return values;
  };
  /** Of independent uniform numbers: standard normal. */
  const correlation = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0) * (12 / Math.sqrt(a.length));

  test('numbers fill [0, 1) evenly', async () => {
    const values = await draws(9n, 0);
    const counts = new Float64Array(256);
    for (const value of values) counts[Math.floor(value * 256)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(4.5 * 22.6);
  });

  test('neighbours, seeds and streams are not correlated', async () => {
    const base = await draws(9n, 0);
    for (const other of [base.slice(1), base.slice(2), await draws(10n, 0), await draws(9n, 1), await draws(0n, 0)])
      expect(Math.abs(correlation(base.slice(0, other.length), other))).toBeLessThan(4.5);
  });
});

describe('dropout', () => {
  const ones = ops.expand(ops.constant(1), [40_000]);

  test('zeros its share of elements and keeps the mean', () => {
    const [values] = evaluate([ops.dropout(ones, { rate: 0.25, seed: 3 })]);
    const zeros = values!.data.filter((value) => value === 0).length;
    expect(Math.abs(zeros - 10_000)).toBeLessThan(4.5 * Math.sqrt(40_000 * 0.25 * 0.75));
    expect(new Set(values!.data)).toEqual(new Set([0, Math.fround(4 / 3)]));
  });

  test('its gradient goes where the values went', () => {
    const data = Float32Array.from({ length: 15 }, (_, i) => i + 1);
    const inputs = { ...at(5n), x: { type: 'float32' as const, dims: [3, 5], data } };
    const [y, dx] = evaluate([dropped, gradients(ops.sum(dropped), [x])[0]!], { inputs });
    dx!.data.forEach((slope, i) => {
      expect(slope * data[i]!).toBeCloseTo(y!.data[i]!, 6);
    });
    expect(dx!.data.filter((slope) => slope === 0).length).toBeGreaterThan(0);
  });

  test('a rate of 0 leaves everything as it is', () => {
    expect(ops.dropout(x, { rate: 0, seed: 1 })).toBe(x);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a rate of 1', () => ops.dropout(x, { rate: 1, seed: 1 }), /dropout: the rate is 1/],
    ['a rate that is no number', () => ops.dropout(x, { rate: Number.NaN, seed: 1 }), /the rate is NaN/],
    ['a seed that is not whole', () => ops.dropout(x, { rate: 0.1, seed: 0.5 }), /the seed is 0\.5/],
    ['a seed of another type', () => ops.dropout(x, { rate: 0.1, seed: ops.constant(1) }), /the seed is float32 \[\]/],
    ['a stream that is not whole', () => ops.randomUniform([2], { seed: 1, stream: -1 }), /stream -1/],
    ['a size that is not known', () => ops.dropout(ops.input('free', 'float32', ['batch', 2]), { rate: 0.1, seed: 1 }), /\[batch, 2\]/],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
