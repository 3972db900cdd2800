import { describe, expect, test } from '@jest/globals';
import { difference, snapshot } from './compare.js';

describe('difference', () => {
  test('says where two values first differ', () => {
    expect(difference({ values: { data: [1, 2] } }, { values: { data: [1, 3] } })).toBe('values.data[1]: 2 is not 3');
    expect(difference([1], [1, 2])).toBe('value: length 1 is not 2');
    expect(difference(Float32Array.of(1), Float64Array.of(1))).toBe('value: Float32Array is not Float64Array');
    expect(difference('a'.repeat(60), 'b')).toBe(`value: "${'a'.repeat(40)}…" is not "b"`);
    expect(difference(new Date(0), new Date(0))).toBe('value: Date is not Date');
    expect(difference(null, {})).toBe('value: null is not Object');
  });

  test('lets numbers lie apart by the tolerance, and nothing else', () => {
    expect(difference(1000, 1000.1, 1e-3)).toBeUndefined();
    expect(difference(1000, 1002, 1e-3)).toBe('value: 1000 is not 1002');
    expect(difference(Number.NaN, Number.NaN)).toBeUndefined();
    expect(difference(Number.NaN, 1, 1)).toBe('value: NaN is not 1');
    expect(difference(1n, 2n, 10)).toBe('value: 1 is not 2');
  });

  test('takes an absent field for one that is undefined', () => {
    expect(difference({ a: 1, b: undefined }, { a: 1 })).toBeUndefined();
  });
});

describe('snapshot', () => {
  test('holds what was there, whatever happens after, rings included', () => {
    const ring: { data: Uint8Array; self?: unknown; list: unknown[] } = { data: Uint8Array.of(1), list: [] };
    ring.self = ring;
    ring.list.push(ring.list);
    const before = snapshot(ring);
    ring.data[0] = 2;
    expect(before.data).toEqual(Uint8Array.of(1));
    expect(before.self).toBe(before);
    expect(before.list[0]).toBe(before.list);
  });

  test('leaves alone what reading would use up', () => {
    const pending = Promise.resolve();
    const frames = (async function* () {})();
    expect(snapshot({ pending, frames })).toEqual({ pending, frames });
    expect(snapshot({ frames }).frames).toBe(frames);
  });
});
