import type { Image } from '@polymodal/modality-registry';
import { convert, flatten } from '../convert.js';
import { place } from '../crop.js';
import { checkOptions, ImageError, shown } from '../errors.js';
import { allocatePixels, checkImage, checkSize } from '../image.js';
import { checkColor, type Fill } from '../pad.js';
import { resize } from '../resize.js';
import { checkBatch } from '../stack.js';

export interface ContactSheetOptions {
  /** Default: as many as make the sheet about square. */
  readonly columns?: number;
  /** Side of the square that each picture is fitted into, in pixels; default 128. */
  readonly size?: number;
  /** Pixels around each square; default 4. */
  readonly gap?: number;
  /** Default white. */
  readonly background?: Fill;
}

/**
 * Lays pictures out in rows, in order, each shrunk or enlarged into a square of one size, its shape kept. → RGB
 *
 * @throws ImageError `IMAGE_BATCH` for no pictures; `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_COLOR`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function contactSheet(images: readonly Image[], options: ContactSheetOptions = {}): Image {
  checkBatch(images);
  if (images.length === 0) {
    throw new ImageError({ code: 'IMAGE_BATCH', message: 'a contact sheet of 0 pictures was asked for, but at least one was expected.' });
  }
  const { columns = Math.ceil(Math.sqrt(images.length)), size = 128, gap = 4, background = 255 } = checkOptions(options);
  checkSize('columns', columns);
  checkSize('size of a square', size);
  if (!Number.isSafeInteger(gap) || gap < 0) {
    throw new ImageError({ code: 'IMAGE_DIMENSIONS', message: `gap is ${shown(gap)}, but a whole number from 0 was expected.` });
  }
  const color = checkColor(background, 3);
  const across = Math.min(columns, images.length);
  const pitch = size + gap;
  const width = across * pitch + gap;
  const height = Math.ceil(images.length / across) * pitch + gap;
  const data = allocatePixels(width, height, 3);
  for (let p = 0; p < data.length; p += 3) data.set(color, p);
  for (const [i, image] of images.entries()) {
    const column = i % across;
    const cell = fitted(flatten(convertGrey(image), color), size);
    const left = gap + column * pitch + Math.floor((size - cell.width) / 2);
    const top = gap + ((i - column) / across) * pitch + Math.floor((size - cell.height) / 2);
    place(checkImage(cell), data, width, height, left, top);
  }
  return { data, width, height, channels: 3 };
}

/** Grey to colour, alpha kept where there is any. */
function convertGrey(image: Image): Image {
  const { channels } = checkImage(image);
  return channels === 1 ? convert(image, 'rgb') : channels === 2 ? convert(image, 'rgba') : image;
}

function fitted(image: Image, size: number): Image {
  const longer = Math.max(image.width, image.height);
  const side = (length: number) => Math.max(1, Math.round((length * size) / longer));
  return resize(image, { width: side(image.width), height: side(image.height) });
}
