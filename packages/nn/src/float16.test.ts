import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromBfloat16, fromFloat16, toFloat16 } from './float16.js';

/** The value that IEEE 754-2008 table 3.5 gives to binary16 bits. */
function standardValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * 2 ** (exponent - 15) * (1 + mantissa / 1024);
}

/** Rounds by searching the list of all positive halves; 65536 stands for the overflow. */
const positive = Array.from({ length: 0x7c00 }, (_, half) => standardValue(half)).concat(65536);
function nearestHalf(x: number): number {
  const magnitude = Math.abs(x);
  let [low, high] = [0, 0x7c00];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (positive[middle]! <= magnitude) low = middle;
    else high = middle;
  }
  const [down, up] = [magnitude - positive[low]!, positive[high]! - magnitude];
  const half = down < up || (down === up && low % 2 === 0) ? low : high;
  return (x < 0 || Object.is(x, -0) ? 0x8000 : 0) | half;
}

const allHalves = Uint16Array.from({ length: 65536 }, (_, half) => half);

describe('float16', () => {
  test('every half has the value that the standard gives it', () => {
    const values = fromFloat16(allHalves);
    for (const half of allHalves) if (!Object.is(values[half], standardValue(half))) throw new Error(`${half} reads as ${values[half]}`);
    expect(values[0x3c00]).toBe(1);
  });

  test('all 65,536 halves come back bit by bit, NaN payloads too', () => {
    expect(toFloat16(fromFloat16(allHalves))).toEqual(allHalves);
  });

  test('the middle of two neighbours rounds to the even one, and its neighbours to their own sides', () => {
    for (let half = 0; half < 0x7c00; half++) {
      const middle = (positive[half]! + positive[half + 1]!) / 2;
      const below = middle * (1 - 2 ** -23);
      const above = middle * (1 + 2 ** -23);
      const even = half % 2 === 0 ? half : half + 1;
      const got = toFloat16(Float32Array.of(below, middle, above, -middle));
      if (got[0] !== half || got[1] !== even || got[2] !== half + 1 || got[3] !== (even | 0x8000)) throw new Error(`${half}: ${got}`);
    }
  });

  test('random floats, of any bits and near the range of halves, round like the search', () => {
    const nearby = fc.tuple(fc.integer({ min: -30, max: 17 }), fc.float({ min: -2, max: 2, noNaN: true })).map(([e, x]) => x * 2 ** e);
    fc.assert(
      fc.property(fc.oneof(fc.float({ noNaN: true }), nearby), (x) => {
        const single = Math.fround(x);
        const expected = Math.abs(single) === Infinity ? (single < 0 ? 0xfc00 : 0x7c00) : nearestHalf(single);
        expect(toFloat16(Float32Array.of(single))[0]).toBe(expected);
      }),
      { numRuns: 5000, seed: 16 },
    );
  });

  test('NaN stays NaN, even where only its low payload bits are set', () => {
    const data = new Float32Array(new Uint32Array([0x7f800001, 0xffffffff, 0x7fc00000]).buffer);
    expect([...fromFloat16(toFloat16(data))]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test('a view into the middle of a buffer is read from where it begins', () => {
    expect([...toFloat16(Float32Array.of(9, 1, -2).subarray(1))]).toEqual([0x3c00, 0xc000]);
  });
});

describe('bfloat16', () => {
  test('is the upper half of a float32', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (half) => {
        const got = fromBfloat16(Uint16Array.of(half));
        expect(new Uint32Array(got.buffer)[0]).toBe(half * 65536);
      }),
      { seed: 17 },
    );
    expect([...fromBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x7f80))]).toEqual([1, -2, Infinity]);
  });
});
