import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ratioOf, resampledLength, sampleAt } from './ratio.js';

const { abs, SQRT2, PI } = Math;

test.each([
  [44_100, 16_000, 441, 160],
  [8000, 16_000, 1, 2],
  [44_101, 48_000, 44_101, 48_000],
  [44_100.5, 16_000, 88_201, 32_000],
  [16_000, 44_100.1, 160_000, 441_001],
  [0.1, 0.3, 1, 3],
  [1e-3, 100, 1, 100_000],
  [12e15, 24e15, 1, 2],
])('%d to %d Hz is %d to %d', (from, to, step, phases) => {
  expect(ratioOf(from, to)).toEqual({ step, phases });
});

test.each([
  [SQRT2, 1],
  [1, PI],
  [1 + 2 ** -27, 1],
  [2 ** 53 - 1, 2 ** 52 + 1],
  [0.001 * PI, 99.9],
])('%d to %d Hz is within 1.5e-8, by numbers that float64 multiplies', (from, to) => {
  const { step, phases } = ratioOf(from, to);
  expect(abs(step / phases / (from / to) - 1)).toBeLessThan(1.5e-8);
  expect(step * phases).toBeLessThanOrEqual(2 ** 52);
  expect(Number.isInteger(step) && Number.isInteger(phases) && step > 0 && phases > 0).toBe(true);
});

test('lengths and places are those of whole numbers without a bound', () => {
  const whole = fc.integer({ min: 1, max: 2 ** 26 });
  fc.assert(
    fc.property(whole, whole, fc.nat({ max: 2 ** 26 }), (step, phases, count) => {
      const [s, p, n] = [BigInt(step), BigInt(phases), BigInt(count)];
      expect(BigInt(resampledLength({ step, phases }, count))).toBe((n * p + s - 1n) / s);
      expect(BigInt(sampleAt({ step, phases }, count))).toBe((n * s) / p);
    }),
    { seed: 3, numRuns: 300 },
  );
});
