import { expect, test } from '@jest/globals';
import { cosine, sine, writeRoot } from './roots.js';

test('roots of unity are those of the runtime to the last bits, for any fraction of a turn', () => {
  const root = new Float64Array(2);
  for (const n of [1, 2, 3, 7, 400, 1000, 2 ** 20]) {
    for (let k = -2 * n; k <= 2 * n; k += Math.ceil(n / 50)) {
      writeRoot(root, 0, k, n);
      // The runtime's own angle is rounded at up to 4π.
      const angle = (2 * Math.PI * k) / n;
      expect(Math.abs(root[0]! - Math.cos(angle))).toBeLessThan(2e-15);
      expect(Math.abs(root[1]! - Math.sin(angle))).toBeLessThan(2e-15);
      expect(cosine(k, n)).toBe(root[0]);
      expect(sine(k, n)).toBe(root[1]);
    }
  }
});

test('parts of a turn need not be whole', () => {
  for (const n of [0.3, 44.2, 1e12, 1e15]) {
    for (const k of [1, 2, 13]) expect(Math.abs(sine(k, n) / Math.sin((2 * Math.PI * (k % n)) / n) - 1)).toBeLessThan(1e-12);
  }
});

test('quarters are exact, and mirrored angles mirror one another', () => {
  const root = new Float64Array(8);
  for (let quarter = 0; quarter < 4; quarter++) writeRoot(root, 2 * quarter, quarter, 4);
  expect([...root].map((x) => x + 0)).toEqual([1, 0, 0, 1, -1, 0, 0, -1]);
  for (let k = 1; k < 77; k++) {
    writeRoot(root, 0, k, 77);
    writeRoot(root, 2, 77 - k, 77);
    expect([root[2], root[3]]).toEqual([root[0], -root[1]!]);
  }
});
