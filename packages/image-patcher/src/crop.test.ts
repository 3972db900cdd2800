import { describe, expect, test } from '@jest/globals';
import { noise } from '../test/goldens.js';
import { type CropRounding, centerCrop, crop } from './crop.js';
import { expandToSquare, pad } from './pad.js';

/** A row of grey levels 1, 2, 3 … */
const row = (length: number) => ({ data: Uint8Array.from({ length }, (_, i) => i + 1), width: length, height: 1, channels: 1 });

// As computed by torchvision 0.14.1 and by transformers.image_transforms.center_crop.
test.each<[CropRounding, number, number, number[]]>([
  ['torchvision', 5, 2, [3, 4]], // (5 − 2) ÷ 2 = 1.5, half to even: 2
  ['torchvision', 7, 2, [3, 4]], // 2.5, half to even: 2
  ['hf', 5, 2, [2, 3]],
  ['hf', 7, 2, [3, 4]],
  ['torchvision', 6, 2, [3, 4]],
  ['hf', 6, 2, [3, 4]],
  ['torchvision', 2, 5, [0, 1, 2, 0, 0]], // padded by (5 − 2) // 2 on the left
  ['hf', 2, 5, [0, 0, 1, 2, 0]], // padded by ceil((5 − 2) ÷ 2) on the left
  ['torchvision', 1, 4, [0, 1, 0, 0]],
  ['hf', 1, 4, [0, 0, 1, 0]],
])('%s takes the middle of %i pixels to %i', (rounding, from, to, expected) => {
  expect(Array.from(centerCrop(row(from), { width: to, height: 1 }, rounding).data)).toEqual(expected);
});

test('crop fills with zeros what lies outside', () => {
  expect(Array.from(crop(row(3), { left: -1, top: -1, width: 3, height: 2 }).data)).toEqual([0, 0, 0, 0, 1, 2]);
  expect(Array.from(crop(row(3), { left: 9, top: 9, width: 1, height: 1 }).data)).toEqual([0]);
});

test('pad and crop undo each other', () => {
  const image = noise(5, 4, 3);
  const padded = pad(image, { left: 2, top: 1, right: 3, bottom: 4, fill: [1, 2, 3] });
  expect([padded.width, padded.height, ...padded.data.subarray(0, 3)]).toEqual([10, 9, 1, 2, 3]);
  expect(crop(padded, { left: 2, top: 1, width: 5, height: 4 })).toEqual(image);
});

test('expandToSquare keeps the picture in the middle, the odd pixel below', () => {
  const square = expandToSquare(row(4), 9);
  expect([square.width, square.height]).toEqual([4, 4]);
  expect(Array.from(square.data.subarray(4, 8))).toEqual([1, 2, 3, 4]);
  expect(Array.from(square.data.subarray(8, 12))).toEqual([9, 9, 9, 9]);
});

describe('bad input', () => {
  test.each<[string, () => unknown, string]>([
    ['a crop of width 0', () => crop(row(3), { left: 0, top: 0, width: 0, height: 1 }), 'IMAGE_DIMENSIONS'],
    ['a crop at a fraction', () => crop(row(3), { left: 0.5, top: 0, width: 1, height: 1 }), 'IMAGE_BOX'],
    ['a crop of 10¹⁰ pixels', () => centerCrop(row(3), { width: 100_000, height: 100_000 }), 'IMAGE_TOO_LARGE'],
    ['negative padding', () => pad(row(3), { left: -1 }), 'IMAGE_DIMENSIONS'],
    ['padding of 10¹⁰ pixels', () => pad(row(3), { left: 100_000, top: 100_000 }), 'IMAGE_TOO_LARGE'],
    ['a colour for another number of channels', () => pad(row(3), { left: 1, fill: [1, 2, 3] }), 'IMAGE_COLOR'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
