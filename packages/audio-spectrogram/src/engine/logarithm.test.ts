import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logarithm } from './logarithm.js';

describe.each([
  ['e', Math.log],
  ['10', Math.log10],
] as const)('base %s', (base, reference) => {
  const log = logarithm(base);

  test('agrees with the runtime for all positive numbers', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, minExcluded: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(log(x) - reference(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(reference(x))));
      }),
      { seed: 3, numRuns: 20_000 },
    );
  });

  test('is exact to float32 near 1 too, where it nears 0', () => {
    for (let i = -1000; i <= 1000; i++) {
      const x = 1 + i / 4096;
      expect(Math.abs(log(x) - reference(x))).toBeLessThanOrEqual(1e-14 * Math.abs(reference(x)));
    }
  });

  test('the ends', () => {
    expect(log(0)).toBe(-Infinity);
    expect(log(-0)).toBe(-Infinity);
    expect(log(Infinity)).toBe(Infinity);
    expect(log(-1)).toBeNaN();
    expect(log(-Infinity)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
    expect(log(1)).toBe(0);
    for (const x of [5e-324, 2 ** -1022, 2 ** -1022 * (1 - 2 ** -52), Number.MAX_VALUE]) {
      expect(Math.abs(log(x) / reference(x) - 1)).toBeLessThan(1e-15);
    }
  });
});
