import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { noise } from '../../test/goldens.js';
import { convert } from '../convert.js';
import { crop } from '../crop.js';
import { decodeImage, encodePng } from '../node.js';
import { normalize } from '../normalize.js';
import { patchify } from '../patchify.js';
import { contactSheet } from './contact-sheet.js';
import { heatMap } from './heat-map.js';

const flat = (width: number, height: number, color: readonly number[]): Image => ({
  data: Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]!),
  width,
  height,
});
const at = ({ data, width }: Image, x: number, y: number) => Array.from(data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3));

describe('a contact sheet', () => {
  test('has the pictures in rows, in the middle of their squares, on the background', () => {
    const images = [flat(8, 4, [255, 0, 0]), flat(4, 8, [0, 255, 0]), flat(3, 3, [0, 0, 255])];
    const sheet = contactSheet(images, { columns: 2, size: 8, gap: 1, background: [9, 9, 9] });
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([19, 19, 3]);
    expect(at(sheet, 0, 0)).toEqual([9, 9, 9]);
    expect([at(sheet, 1, 2), at(sheet, 1, 3), at(sheet, 8, 6), at(sheet, 8, 7)]).toEqual([
      [9, 9, 9],
      [255, 0, 0],
      [255, 0, 0],
      [9, 9, 9],
    ]);
    expect([at(sheet, 11, 1), at(sheet, 12, 1), at(sheet, 15, 8), at(sheet, 16, 8)]).toEqual([
      [9, 9, 9],
      [0, 255, 0],
      [0, 255, 0],
      [9, 9, 9],
    ]);
    expect([at(sheet, 1, 10), at(sheet, 8, 17), at(sheet, 12, 12)]).toEqual([
      [0, 0, 255],
      [0, 0, 255],
      [9, 9, 9],
    ]);
  });

  test('shows pictures of the size of its squares as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }), (count, columns, gap) => {
        const images = Array.from({ length: count }, (_, i) => noise(6, 6, i % 2 ? 3 : 1, i + 1));
        const sheet = contactSheet(images, { columns, size: 6, gap });
        const across = Math.min(columns, count);
        images.forEach((image, i) => {
          const left = gap + (i % across) * (6 + gap);
          const top = gap + Math.floor(i / across) * (6 + gap);
          expect(crop(sheet, { left, top, width: 6, height: 6 })).toEqual({ ...convert(image, 'rgb'), channels: 3 });
        });
      }),
      { seed: 4, numRuns: 50 },
    );
  });

  test('shows the background through what is transparent, and comes out as a PNG', async () => {
    const sheet = contactSheet([flat(4, 4, [0, 0, 0, 0]), flat(4, 4, [50, 255]), noise(1, 3000, 3)], { size: 4, background: 200 });
    expect(at(sheet, 4, 4)).toEqual([200, 200, 200]);
    expect(at(sheet, 12, 4)).toEqual([50, 50, 50]);
    expect(await decodeImage(await encodePng(sheet))).toEqual(sheet);
  });

  test.each<[string, () => unknown, string]>([
    ['no pictures', () => contactSheet([]), 'IMAGE_BATCH'],
    ['no list', () => contactSheet(flat(1, 1, [1, 2, 3]) as unknown as Image[]), 'IMAGE_BATCH'],
    ['0 columns', () => contactSheet([noise(1, 1, 3)], { columns: 0 }), 'IMAGE_DIMENSIONS'],
    ['a negative gap', () => contactSheet([noise(1, 1, 3)], { gap: -1 }), 'IMAGE_DIMENSIONS'],
    ['a colour of two', () => contactSheet([noise(1, 1, 3)], { background: [1, 2] }), 'IMAGE_COLOR'],
    ['a sheet that no memory holds', () => contactSheet([noise(1, 1, 3)], { size: 2 ** 20 }), 'IMAGE_TOO_LARGE'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});

describe('a heat map', () => {
  const image = flat(8, 4, [100, 100, 100]);
  const colors = [
    [0, 0, 0],
    [200, 100, 0],
  ];

  test('paints each patch by its weight', () => {
    const { grid } = patchify(normalize(image), { patchSize: 4 });
    const map = heatMap(image, [0, 1], grid, { mode: 'nearest', opacity: 0.5, colors });
    expect([at(map, 0, 0), at(map, 3, 3), at(map, 4, 0), at(map, 7, 3)]).toEqual([
      [50, 50, 50],
      [50, 50, 50],
      [150, 100, 50],
      [150, 100, 50],
    ]);
  });

  test('runs smoothly between the middles of the patches', () => {
    const map = heatMap(image, [0, 1], [1, 1, 2], { opacity: 1, colors });
    const reds = Array.from({ length: 8 }, (_, x) => at(map, x, 0)[0]!);
    expect([reds[0], reds[1], reds[6], reds[7]]).toEqual([0, 0, 200, 200]);
    expect([...reds].sort((a, b) => a - b)).toEqual(reds);
    expect(new Set(reds).size).toBeGreaterThan(4);
  });

  test('without opacity it is the picture; equal weights are the first colour; a range cuts off', () => {
    const grey = noise(8, 4, 1);
    expect(heatMap(grey, [0, 1], [1, 1, 2], { opacity: 0 })).toEqual({ ...convert(grey, 'rgb'), channels: 3 });
    expect(at(heatMap(image, [3, 3], [1, 1, 2], { opacity: 1, colors }), 5, 2)).toEqual([0, 0, 0]);
    expect(at(heatMap(image, [-5, 9], [1, 1, 2], { opacity: 1, colors, range: [0, 1], mode: 'nearest' }), 7, 0)).toEqual([200, 100, 0]);
  });

  test.each<[string, () => unknown, string]>([
    ['a weight too many', () => heatMap(image, [1, 2, 3], [1, 1, 2]), 'IMAGE_TENSOR'],
    ['a grid of frames', () => heatMap(image, [1, 2], [2, 1, 1]), 'IMAGE_TENSOR'],
    ['no grid', () => heatMap(image, [1, 2], undefined as unknown as [1, 1, 2]), 'IMAGE_TENSOR'],
    ['a weight of NaN', () => heatMap(image, [1, Number.NaN], [1, 1, 2]), 'IMAGE_TENSOR'],
    ['an opacity of 2', () => heatMap(image, [1, 2], [1, 1, 2], { opacity: 2 }), 'IMAGE_DRAWING'],
    ['a range that runs backwards', () => heatMap(image, [1, 2], [1, 1, 2], { range: [1, 0] }), 'IMAGE_DRAWING'],
    ['one colour', () => heatMap(image, [1, 2], [1, 1, 2], { colors: [[1, 2, 3]] }), 'IMAGE_DRAWING'],
    ['an unknown mode', () => heatMap(image, [1, 2], [1, 1, 2], { mode: 'area' as 'nearest' }), 'IMAGE_DRAWING'],
    [
      'a colour of two',
      () =>
        heatMap(image, [1, 2], [1, 1, 2], {
          colors: [
            [1, 2],
            [3, 4],
          ],
        }),
      'IMAGE_COLOR',
    ],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
