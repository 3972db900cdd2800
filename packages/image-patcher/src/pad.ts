import type { Image } from '@polymodal/modality-registry';
import { place } from './crop.js';
import { checkOptions, ImageError, shown } from './errors.js';
import { allocatePixels, checkImage } from './image.js';

/** One level (0…255) for each channel, or one for all of them. */
export type Fill = number | readonly number[];

export interface Padding {
  readonly left?: number;
  readonly top?: number;
  readonly right?: number;
  readonly bottom?: number;
  /** Default 0. */
  readonly fill?: Fill;
}

/**
 * Adds a border of one colour.
 *
 * @throws ImageError `IMAGE_DIMENSIONS` for a border that is negative or no whole number, `IMAGE_COLOR`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function pad(image: Image, padding: Padding): Image {
  const source = checkImage(image);
  const { left = 0, top = 0, right = 0, bottom = 0, fill = 0 } = checkOptions(padding, '{ left, top, right, bottom }');
  for (const [side, value] of Object.entries({ left, top, right, bottom })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `padding on the ${side} is ${shown(value)}, but a whole number from 0 was expected.`,
    });
  }
  const color = checkColor(fill, source.channels);
  const width = left + source.width + right;
  const height = top + source.height + bottom;
  const data = allocatePixels(width, height, source.channels);
  fillWith(data, color);
  place(source, data, width, height, left, top);
  return { data, width, height, channels: source.channels };
}

/**
 * Makes a picture square by a border of `fill` on the shorter sides, the picture in the middle (an odd pixel goes right or below), as
 * LLaVA's `expand2square` does; its fill is the mean colour, (122, 116, 104) for CLIP.
 *
 * @throws ImageError as {@link pad} does.
 */
export function expandToSquare(image: Image, fill: Fill): Image {
  const { width, height, channels } = checkImage(image);
  const color = checkColor(fill, channels);
  const side = Math.max(width, height);
  const left = Math.floor((side - width) / 2);
  const top = Math.floor((side - height) / 2);
  return pad(image, { left, top, right: side - width - left, bottom: side - height - top, fill: color });
}

/** @throws ImageError `IMAGE_COLOR` unless `fill` is a level of 0 to 255, or one for each of `channels`. */
export function checkColor(fill: Fill, channels: number): readonly number[] {
  const color: unknown = typeof fill === 'number' ? Array<number>(channels).fill(fill) : fill;
  const isLevel = (level: number) => Number.isInteger(level) && level >= 0 && level <= 255;
  // Any list: a colour may be cut out of a typed array.
  const levels = ArrayBuffer.isView(color) || Array.isArray(color) ? Array.from(color as ArrayLike<number>) : [];
  if (levels.length === channels && levels.every(isLevel)) return levels;
  throw new ImageError({
    code: 'IMAGE_COLOR',
    message: `colour is ${shown(fill)}, but one whole number from 0 to 255, or ${channels} of them, was expected.`,
  });
}

function fillWith(data: Uint8Array, color: readonly number[]): void {
  if (color.every((level) => level === color[0])) {
    data.fill(color[0]!);
    return;
  }
  const channels = color.length;
  for (let p = 0; p < data.length; p += channels) for (let c = 0; c < channels; c++) data[p + c] = color[c]!;
}
