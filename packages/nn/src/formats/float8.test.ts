import { expect, test } from '@jest/globals';
import { fromFloat16 } from '../float16.js';
import { fromFloat8 } from './float8.js';

const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test('E5M2 is the upper half of IEEE half precision', () => {
  expect(fromFloat8(bytes, 'F8_E5M2')).toEqual(fromFloat16(Uint16Array.from(bytes, (byte) => byte << 8)));
});

test('E4M3 has the values of its specification, and their negatives', () => {
  const values = fromFloat8(bytes, 'F8_E4M3');
  // Zero, the least subnormal, the largest subnormal, the least normal, 1, the largest, NaN.
  expect([0, 1, 7, 8, 0x38, 0x7e, 0x7f].map((byte) => values[byte])).toEqual([0, 2 ** -9, 7 * 2 ** -9, 2 ** -6, 1, 448, Number.NaN]);
  for (let byte = 1; byte < 0x7f; byte++) {
    expect(values[byte]!).toBeGreaterThan(values[byte - 1]!);
    expect(values[byte + 128]).toBe(-values[byte]!);
  }
});

test('E8M0 is the exponent of a float32', () => {
  const values = fromFloat8(bytes, 'F8_E8M0');
  expect([0, 127, 254, 255].map((byte) => values[byte])).toEqual([2 ** -127, 1, 2 ** 127, Number.NaN]);
});
