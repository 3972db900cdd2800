import { expect, test } from '@jest/globals';
import { readRange } from './read-range.js';

test('a range is read whole, and nothing beside it', () => {
  const values = Float64Array.from({ length: 48 }, (_, i) => 2 ** i);
  expect(readRange(values, 16, 32)).toBe(2 ** 32 - 2 ** 16);
});
