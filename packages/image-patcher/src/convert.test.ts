import { describe, expect, test } from '@jest/globals';
import { goldenBytes, goldens, noise, sha256 } from '../test/goldens.js';
import { type ColorMode, cmykToRgb, convert, flatten } from './convert.js';

describe('against Pillow 9.4', () => {
  test('grey of RGB', () => {
    const rows = goldens.random.filter((row) => row.greySha256);
    expect(rows.length).toBeGreaterThan(20);
    for (const { width, height, seed, greySha256 } of rows)
      expect(sha256(convert(noise(width, height, 3, seed), 'grey').data)).toBe(greySha256);
  });

  test('RGBA composited over a colour', () => {
    const rows = goldens.random.filter((row) => row.flattenSha256);
    expect(rows.length).toBeGreaterThan(20);
    for (const { width, height, seed, flattenSha256 } of rows) {
      expect(sha256(flatten(noise(width, height, 4, seed), [255, 200, 7]).data)).toBe(flattenSha256);
    }
  });

  test('CMYK to RGB', () => {
    const { cmyk, width, height, decodedSha256 } = goldens.cases.find((golden) => golden.cmyk)!;
    expect(sha256(cmykToRgb({ data: goldenBytes(cmyk!), width, height, channels: 4 }).data)).toBe(decodedSha256);
  });
});

describe('convert', () => {
  test.each<[ColorMode, number, number[], number[]]>([
    ['rgb', 1, [7], [7, 7, 7]],
    ['rgba', 1, [7], [7, 7, 7, 255]],
    ['rgb', 2, [7, 9], [7, 7, 7]],
    ['rgba', 2, [7, 9], [7, 7, 7, 9]],
    ['grey', 2, [7, 9], [7]],
    ['rgba', 3, [1, 2, 3], [1, 2, 3, 255]],
    ['rgb', 4, [1, 2, 3, 0], [1, 2, 3]],
  ])('to %s from %i channels', (mode, channels, from, to) => {
    expect(Array.from(convert({ data: Uint8Array.from(from), width: 1, height: 1, channels }, mode).data)).toEqual(to);
  });

  test('gives a picture back as it is where nothing changes', () => {
    const image = noise(3, 3, 3);
    expect(convert(image, 'rgb')).toBe(image);
    expect(flatten(image)).toBe(image);
  });

  test.each<[string, () => unknown, string]>([
    ['an unknown mode', () => convert(noise(1, 1, 3), 'hsv' as 'rgb'), 'IMAGE_MODE'],
    ['a colour of two levels', () => flatten(noise(1, 1, 4), [1, 2]), 'IMAGE_COLOR'],
    ['a level of 256', () => flatten(noise(1, 1, 4), 256), 'IMAGE_COLOR'],
    ['CMYK of three channels', () => cmykToRgb(noise(1, 1, 3)), 'IMAGE_CHANNELS'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});

test('flatten puts white behind what is transparent', () => {
  expect(Array.from(flatten({ data: Uint8Array.of(10, 20, 30, 0, 10, 20, 30, 255), width: 2, height: 1 }).data)).toEqual([
    255, 255, 255, 10, 20, 30,
  ]);
  expect(Array.from(flatten({ data: Uint8Array.of(10, 0), width: 1, height: 1, channels: 2 }).data)).toEqual([255]);
});

test('flatten takes one colour of three levels for pictures of any channels', () => {
  const of = (...data: number[]) => ({ data: Uint8Array.from(data), width: 1, height: 1, channels: data.length });
  const pink = [255, 0, 128];
  expect([of(10), of(10, 0), of(10, 255), of(1, 2, 3), of(1, 2, 3, 0)].map((image) => Array.from(flatten(image, pink).data))).toEqual([
    [10],
    pink,
    [10, 10, 10],
    [1, 2, 3],
    pink,
  ]);
});
