import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import goldens from '../../test/goldens/anyres.json' with { type: 'json' };
import { goldenPath, noise, sha256 } from '../../test/goldens.js';
import { convert } from '../convert.js';
import { decodeImage } from '../node.js';
import { imageProcessor } from '../processor/image-processor.js';
import { anyresTiles } from './anyres-tiles.js';
import { chooseResolution, llavaPinPoints, type PinPoints, tileGrid } from './choose-resolution.js';
import { type SpatialUnpadOptions, spatialUnpadCounts } from './spatial-unpad.js';

const pinPoints = goldens.pinPoints as unknown as PinPoints;

describe('against llava/mm_utils.py', () => {
  test.each(goldens.table)('$width×$height: $columns columns, $rows rows', ({ width, height, best, columns, rows }) => {
    const resolution = chooseResolution({ width, height });
    expect([resolution.width, resolution.height]).toEqual(best);
    expect(tileGrid(resolution, 336)).toEqual({ rows, columns });
  });

  test.each(goldens.pictures)('$name: the overview and $tiles pictures in all', async ({ name, best, grid, tiles, sha256: expected }) => {
    const image = convert(await decodeImage(goldenPath(`source/${name}`)), 'rgb');
    const found = anyresTiles(image, { pinPoints, tileSize: 56 });
    expect(chooseResolution(image, pinPoints)).toEqual({ width: best[0], height: best[1] });
    expect([found.columns, found.rows]).toEqual(grid);
    const all = [found.overview, ...found.tiles];
    expect(all).toHaveLength(tiles);
    expect(sha256(Uint8Array.from(all.flatMap(({ data }) => Array.from(data))))).toBe(expected);
  });
});

describe('tokens of a picture with spatial_unpad', () => {
  test.each([
    [640, 480, 2340],
    [1000, 600, 1948],
    [336, 336, 1176],
    [1024, 1024, 2928],
    [1920, 1080, 1948],
    [300, 900, 2376],
  ])('%d×%d has %d', (width, height, total) => {
    expect(spatialUnpadCounts({ width, height }).total).toBe(total);
    expect(spatialUnpadCounts({ width, height }, { rounding: 'hf' }).total).toBe(total);
  });

  test('width and height are not confused: a wide picture has rows cut off, a tall one columns', () => {
    expect(spatialUnpadCounts({ width: 2000, height: 500 })).toMatchObject({ top: 3, left: 0, rows: 18, columns: 72 });
    expect(spatialUnpadCounts({ width: 500, height: 2000 })).toMatchObject({ top: 0, left: 3, rows: 72, columns: 18 });
  });

  test('where two resolutions waste the same, the default is that of the code whose rounding is asked for', () => {
    const size = { width: 92, height: 126 };
    const { total: llava } = spatialUnpadCounts(size);
    expect([llava, spatialUnpadCounts(size, { rounding: 'hf' }).total]).toEqual([1376, 1032]);
    const { tiles } = imageProcessor({ image_processor_type: 'LlavaNextImageProcessor' }).settings;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1200 }), fc.integer({ min: 1, max: 1200 }), (width, height) => {
        const counted = spatialUnpadCounts({ width, height }, { rounding: 'hf' });
        expect(counted).toEqual(spatialUnpadCounts({ width, height }, { rounding: 'hf', pinPoints: tiles!.pinPoints }));
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test('the letterbox that is cut off is within a feature of the one that the tiles have', () => {
    const side = fc.integer({ min: 20, max: 3000 });
    fc.assert(
      fc.property(side, side, fc.constantFrom('llava' as const, 'hf' as const), (width, height, rounding) => {
        const { width: w, height: h } = chooseResolution({ width, height });
        const { top, left, rows, columns, total } = spatialUnpadCounts({ width, height }, { rounding, pinPoints: llavaPinPoints });
        expect([rows + 2 * top, columns + 2 * left]).toEqual([h / 14, w / 14]);
        expect(total).toBe(576 + rows * (columns + 1));
        const scale = Math.min(w / width, h / height);
        expect(Math.abs(top * 14 - (h - height * scale) / 2)).toBeLessThan(15);
        expect(Math.abs(left * 14 - (w - width * scale) / 2)).toBeLessThan(15);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('tiles', () => {
  test('a picture of the resolution is cut up and not changed', () => {
    const image = noise(24, 16, 3);
    const { tiles, rows, columns } = anyresTiles(image, { pinPoints: [[24, 16]], tileSize: 8 });
    expect([rows, columns]).toEqual([2, 3]);
    const [y, x] = [11, 18]; // second row of tiles, third column
    expect(tiles[5]!.data.slice((3 * 8 + 2) * 3, (3 * 8 + 3) * 3)).toEqual(image.data.slice((y * 24 + x) * 3, (y * 24 + x + 1) * 3));
  });

  test('the letterbox is black', () => {
    const { tiles } = anyresTiles({ data: new Uint8Array(8 * 4 * 3).fill(200), width: 8, height: 4 }, { pinPoints: [[8, 8]], tileSize: 8 });
    const rows = Array.from({ length: 8 }, (_, y) => tiles[0]!.data[y * 24]);
    expect(rows).toEqual([0, 0, 200, 200, 200, 200, 0, 0]);
  });

  const strip = { width: 30_000, height: 1 };
  // By the rounding of the original, every pin point keeps 0 pixels of it (the first is taken) and 0 features are left of its tiles.
  test('a strip of 1×30,000 goes through', () => {
    expect(anyresTiles(noise(strip.width, strip.height, 3))).toMatchObject({ rows: 2, columns: 1 });
    expect(spatialUnpadCounts(strip)).toMatchObject({ rows: 0, total: 576 });
  });

  const image = noise(8, 8, 3);
  test.each<[string, () => unknown, string]>([
    ['no pin points', () => chooseResolution(image, []), 'IMAGE_PIN_POINTS'],
    ['one number', () => chooseResolution(image, [[336]] as unknown as PinPoints), 'IMAGE_PIN_POINTS'],
    ['a fraction', () => chooseResolution(image, [[336, 336.5]]), 'IMAGE_PIN_POINTS'],
    ['tiles that do not fit', () => anyresTiles(image, { tileSize: 224 }), 'IMAGE_PIN_POINTS'],
    ['a tile size of 0', () => anyresTiles(image, { tileSize: 0 }), 'IMAGE_DIMENSIONS'],
    [
      'a pin point that no memory holds',
      () => anyresTiles(image, { pinPoints: [[2 ** 20, 2 ** 20]], tileSize: 2 ** 20 }),
      'IMAGE_TOO_LARGE',
    ],
    ['patches that do not fit', () => spatialUnpadCounts(image, { patchSize: 16.5 }), 'IMAGE_DIMENSIONS'],
    ['patches of another size', () => spatialUnpadCounts(image, { patchSize: 32 }), 'IMAGE_PATCH_SIZE'],
    ['a picture of 0', () => spatialUnpadCounts({ width: 0, height: 3 }), 'IMAGE_DIMENSIONS'],
    ['an unknown rounding', () => spatialUnpadCounts(image, { rounding: 'up' } as unknown as SpatialUnpadOptions), 'IMAGE_MODE'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
