import { expect, test } from '@jest/globals';
import { exponential } from './exponential.js';

test('it is the value of the runtime to the last bits', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
  for (let x = -40; x < 0; x += 0.0137) {
    expect(Math.abs(exponential(x) - Math.exp(x))).toBeLessThan(1e-15);
    // The exponent itself is rounded.
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(2e-14);
  }
});
