import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digamma, exp, log, powerOfTwo } from './portable-math.js';

const relative = (value: number, wanted: number) => Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));

describe('portable mathematics', () => {
  test('agree with the engine to the last bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => relative(log(x), Math.log(x)) < 1e-15),
      { numRuns: 2000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => Math.abs(exp(x) / Math.exp(x) - 1) < 1e-13),
      { numRuns: 2000, seed: 2 },
    );
    expect(log(1)).toBe(0);
    expect(exp(0)).toBe(1);
    expect([powerOfTwo(0), powerOfTwo(-256), powerOfTwo(1023)]).toEqual([1, 2 ** -256, 2 ** 1023]);
  });

  test('digamma has its known values and its recurrence', () => {
    const euler = 0.5772156649015329;
    expect(digamma(1)).toBeCloseTo(-euler, 10);
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.LN2, 10);
    expect(digamma(100)).toBeCloseTo(4.600161852738087, 10);
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1e9, noNaN: true }), (x) => relative(digamma(x + 1), digamma(x) + 1 / x) < 1e-9),
      { numRuns: 500, seed: 3 },
    );
  });
});
