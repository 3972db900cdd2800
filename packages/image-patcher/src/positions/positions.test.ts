import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import goldens from '../../test/goldens/positions.json' with { type: 'json' };
import { noiseTensor, tensor } from '../../test/tensors.js';
import { interpolatePositions, type PositionMethod } from './interpolate-positions.js';
import { sinCosPositions, sinCosPositions2d } from './sin-cos.js';

const { abs, max } = Math;

const furthest = (found: Float32Array, expected: readonly number[]) =>
  found.reduce((most, value, i) => max(most, abs(value - expected[i]!)), found.length === expected.length ? 0 : Infinity);

describe('sine-cosine positions', () => {
  test.each(goldens.sinCos)("a $grid×$grid grid of width $width is MAE's", ({ grid, width, extraTokens, table }) => {
    const found = sinCosPositions2d(grid, width, { extraTokens });
    expect(found.dims).toEqual([extraTokens + grid * grid, width]);
    expect(furthest(found.data, table)).toBeLessThan(1e-7);
  });

  test('a grid is one sequence for its columns beside one for its rows', () => {
    const { data } = sinCosPositions2d({ height: 3, width: 5 }, 8);
    const line = sinCosPositions(5, 4).data;
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        const at = (y * 5 + x) * 8;
        expect(data.subarray(at, at + 4)).toEqual(line.subarray(x * 4, x * 4 + 4));
        expect(data.subarray(at + 4, at + 8)).toEqual(line.subarray(y * 4, y * 4 + 4));
      }
    }
  });

  test('both orders hold the same values', () => {
    const halves = sinCosPositions(7, 6).data;
    const turns = sinCosPositions(7, 6, { order: 'interleaved' }).data;
    for (let p = 0; p < 7; p++) {
      for (let i = 0; i < 3; i++) {
        expect(turns[p * 6 + 2 * i]).toBe(halves[p * 6 + i]);
        expect(turns[p * 6 + 2 * i + 1]).toBe(halves[p * 6 + 3 + i]);
      }
    }
    expect(Array.from(turns.subarray(0, 6))).toEqual([0, 1, 0, 1, 0, 1]);
  });

  test.each<[string, () => unknown]>([
    ['an odd width', () => sinCosPositions(4, 5)],
    ['a grid whose width is no multiple of 4', () => sinCosPositions2d(4, 6)],
    ['a length of 0', () => sinCosPositions(0, 4)],
    ['a grid of NaN', () => sinCosPositions2d(Number.NaN, 4)],
    ['half a class token', () => sinCosPositions2d(2, 4, { extraTokens: 0.5 })],
  ])('%s is refused', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'IMAGE_DIMENSIONS' }));
  });

  test('an order that is not known, or a table that no memory holds, is refused', () => {
    expect(() => sinCosPositions(4, 4, { order: 'mixed' as 'halves' })).toThrow(expect.objectContaining({ code: 'IMAGE_MODE' }));
    expect(() => sinCosPositions2d(2 ** 20, 64)).toThrow(expect.objectContaining({ code: 'IMAGE_TOO_LARGE' }));
  });
});

describe('position tables', () => {
  const { to, extraTokens, width, table, methods } = goldens.resized;

  test.each(Object.entries(methods))('%s from 7×7 to 10×10, the class token spared', (method, expected) => {
    const given = tensor([1, 50, width], table);
    const found = interpolatePositions(given, { to, extraTokens, method: method as PositionMethod });
    expect(found.dims).toEqual([1, 101, width]);
    expect(furthest(found.data, expected)).toBeLessThan(2e-6);
    expect(found.data.subarray(0, width)).toEqual(given.data.subarray(0, width));
  });

  test.each(goldens.zoomed)("Google's from $from to $to, number $seed", ({ seed, from, to, width, table }) => {
    const grid = { height: from[0]!, width: from[1]! };
    const target = { height: to[0]!, width: to[1]! };
    const given = noiseTensor([grid.height * grid.width, width], seed);
    const found = interpolatePositions(given, { from: grid, to: target, method: 'google' });
    expect(furthest(found.data, table)).toBeLessThan(4e-6);
  });

  const side = fc.integer({ min: 1, max: 6 });
  const method = fc.constantFrom<PositionMethod>('bicubic', 'bicubic-antialias', 'dino', 'google');

  test('the same grid is a copy, and extra tokens are kept whatever the grid', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 3 }), method, (height, w, toHeight, toWidth, extraTokens, how) => {
        const given = noiseTensor([extraTokens + height * w, 2], 9);
        const from = { height, width: w };
        const same = interpolatePositions(given, { from, to: from, extraTokens, method: how });
        expect(same).toEqual(given);
        expect(same.data.buffer).not.toBe(given.data.buffer);
        const other = interpolatePositions(given, { from, to: { height: toHeight, width: toWidth }, extraTokens, method: how });
        expect(other.dims).toEqual([extraTokens + toHeight * toWidth, 2]);
        expect(other.data.subarray(0, extraTokens * 2)).toEqual(given.data.subarray(0, extraTokens * 2));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  const good = noiseTensor([17, 4], 1);
  test.each<[string, () => unknown, string]>([
    ['no square', () => interpolatePositions(good, { to: 5 }), 'IMAGE_TENSOR'],
    ['another grid', () => interpolatePositions(good, { from: { height: 3, width: 5 }, to: 5, extraTokens: 1 }), 'IMAGE_TENSOR'],
    ['a batch of tables', () => interpolatePositions(noiseTensor([2, 16, 4], 1), { to: 5 }), 'IMAGE_TENSOR'],
    ['more extra tokens than tokens', () => interpolatePositions(good, { to: 5, extraTokens: 18 }), 'IMAGE_TENSOR'],
    ['a grid of 0', () => interpolatePositions(good, { to: 0, extraTokens: 1 }), 'IMAGE_DIMENSIONS'],
    ['an unknown method', () => interpolatePositions(good, { to: 5, extraTokens: 1, method: 'toString' as 'dino' }), 'IMAGE_FILTER'],
    ['a grid that no memory holds', () => interpolatePositions(good, { to: 2 ** 20, extraTokens: 1 }), 'IMAGE_TOO_LARGE'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
