import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import fc from 'fast-check';
import goldens from '../../test/goldens/interpolate.json' with { type: 'json' };
import { noiseTensor, tensor } from '../../test/tensors.js';
import { type InterpolateOptions, interpolate } from './interpolate.js';
import type { InterpolationMode } from './taps.js';

const { abs, max } = Math;

const furthest = (found: TensorLike<'float32'>, expected: readonly number[]) =>
  found.data.reduce((most, value, i) => max(most, abs(value - expected[i]!)), found.data.length === expected.length ? 0 : Infinity);

const bothSides = (pair: readonly number[]) => ({ height: pair[0]!, width: pair[1]! });

describe("against PyTorch's F.interpolate", () => {
  test.each(goldens.cases)('$mode, antialias $antialias, alignCorners $alignCorners', ({ mode, size, antialias, alignCorners, y }) => {
    const found = interpolate(tensor(goldens.dims, goldens.x), {
      mode: mode as InterpolationMode,
      size: bothSides(size),
      antialias,
      alignCorners,
    });
    expect(found.dims).toEqual([1, 2, ...size]);
    expect(furthest(found, y)).toBeLessThan(2e-6);
  });

  test.each(goldens.random)('$mode of $dims, number $seed', (row) => {
    const { dims, seed, mode, antialias, alignCorners, outDims, y } = row;
    const wanted = row.size ? { size: bothSides(row.size) } : { scaleFactor: bothSides(row.scaleFactor!) };
    const found = interpolate(noiseTensor(dims, seed), { mode: mode as InterpolationMode, antialias, alignCorners, ...wanted });
    expect(found.dims).toEqual(outDims);
    expect(furthest(found, y)).toBeLessThan(2e-6);
  });
});

const options = fc
  .tuple(
    fc.constantFrom<InterpolationMode>('nearest', 'nearest-exact', 'bilinear', 'bicubic', 'area'),
    fc.boolean(),
    fc.boolean(),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([mode, antialias, alignCorners, height, width]): InterpolateOptions => {
    const smooth = mode === 'bilinear' || mode === 'bicubic';
    return { mode, size: { height, width }, antialias: smooth && antialias, alignCorners: smooth && alignCorners };
  });
const side = fc.integer({ min: 1, max: 9 });

describe('properties', () => {
  test('a constant stays constant', () => {
    fc.assert(
      fc.property(options, side, side, (how, height, width) => {
        const { data } = interpolate(tensor([height, width], Array(height * width).fill(0.75)), how);
        for (const value of data) expect(abs(value - 0.75)).toBeLessThan(1e-6);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test('the same size is the identity, whatever the mode without antialiasing', () => {
    fc.assert(
      fc.property(options, side, side, (how, height, width) => {
        const given = noiseTensor([2, height, width], 7);
        const found = interpolate(given, { ...how, size: { height, width }, antialias: false });
        expect(found).toEqual(given);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test('planes do not depend on the batch that they are in, and the input is left as it was', () => {
    fc.assert(
      fc.property(options, side, side, (how, height, width) => {
        const given = noiseTensor([2, 3, height, width], 11);
        const copy = given.data.slice();
        const all = interpolate(given, how).data;
        const area = height * width;
        for (let plane = 0; plane < 6; plane++) {
          const one = interpolate(tensor([height, width], given.data.subarray(plane * area, (plane + 1) * area)), how).data;
          expect(all.subarray(plane * one.length, (plane + 1) * one.length)).toEqual(one);
        }
        expect(given.data).toEqual(copy);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe('bad input', () => {
  const good = noiseTensor([3, 4, 5], 1);
  test.each<[string, TensorLike, InterpolateOptions, string]>([
    ['one axis', tensor([3], [1, 2, 3]), { size: 2 }, 'IMAGE_TENSOR'],
    ['another type', { type: 'uint8', dims: [1, 1], data: new Uint8Array(1) }, { size: 2 }, 'IMAGE_TENSOR'],
    ['data that do not fit', { ...good, dims: [3, 4, 6] }, { size: 2 }, 'IMAGE_TENSOR'],
    ['no tensor', null as unknown as TensorLike, { size: 2 }, 'IMAGE_TENSOR'],
    ['an unknown mode', good, { size: 2, mode: 'lanczos' as 'area' }, 'IMAGE_FILTER'],
    ['antialiased nearest', good, { size: 2, antialias: true }, 'IMAGE_FILTER'],
    ['a size of 0', good, { size: 0 }, 'IMAGE_DIMENSIONS'],
    ['a size of NaN', good, { size: { height: Number.NaN, width: 2 } }, 'IMAGE_DIMENSIONS'],
    ['a factor that leaves nothing', good, { scaleFactor: 0.1 }, 'IMAGE_DIMENSIONS'],
    ['a negative factor', good, { scaleFactor: -1 }, 'IMAGE_DIMENSIONS'],
    ['size and factor', good, { scaleFactor: 2, size: 2 }, 'IMAGE_DIMENSIONS'],
    ['neither', good, {}, 'IMAGE_DIMENSIONS'],
    ['a result that no memory holds', good, { size: 2 ** 30 }, 'IMAGE_TOO_LARGE'],
    ['a tall result that no memory holds', good, { size: { height: 2 ** 50, width: 1 } }, 'IMAGE_TOO_LARGE'],
  ])('%s is refused', (_, given, how, code) => {
    expect(() => interpolate(given, how)).toThrow(expect.objectContaining({ code }));
  });
});
