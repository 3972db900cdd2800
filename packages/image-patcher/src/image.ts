import type { Image } from '@polymodal/modality-registry';
import { ImageError, shown } from './errors.js';

/** The default limit on pixels of one picture: Pillow's `MAX_IMAGE_PIXELS`, a quarter of a gigabyte of RGB. */
export const MAX_PIXELS = 89_478_485;

/** A checked picture: its channels are known and its data has exactly the bytes that it needs. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

const channelNames = { 1: 'grey', 2: 'grey with alpha', 3: 'RGB', 4: 'RGBA' } as const;

/**
 * Checks a picture and gives a view of its bytes (never a copy), with the number of channels filled in.
 *
 * @throws ImageError `IMAGE_DIMENSIONS` for a width or height that is no positive integer or data of another length; `IMAGE_CHANNELS`.
 */
export function checkImage(image: Image): Pixels {
  if (typeof image !== 'object' || image === null) {
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `picture is ${shown(image)}, but { data, width, height, channels? } was expected.`,
      fix: 'Decode the file first, with decodeImage of @polymodal/image-patcher/node.',
    });
  }
  const { data, width, height } = image;
  checkSize('image width', width);
  checkSize('image height', height);
  if (!isBytes(data)) {
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `image data is ${shown(data === null ? 'null' : typeof data)}, but a Uint8Array or Uint8ClampedArray was expected.`,
      fix: 'Decode the file first, with decodeImage of @polymodal/image-patcher/node.',
    });
  }
  const channels = image.channels ?? data.length / (width * height);
  if (image.channels !== undefined && !isChannels(channels)) {
    throw new ImageError({
      code: 'IMAGE_CHANNELS',
      message: `image has ${shown(channels)} channels, but 1 (grey), 2 (grey with alpha), 3 (RGB) or 4 (RGBA) were expected.`,
    });
  }
  if (!isChannels(channels) || data.length !== width * height * channels) {
    const expected = isChannels(channels)
      ? `${width}×${height} ${channelNames[channels]} needs ${width * height * channels}`
      : `${width}×${height} needs ${width * height} for each of 1 to 4 channels`;
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `image data has ${data.length} bytes, but ${expected}.`,
      fix: 'Pass width and height of the decoded image, and data that has not been transferred to another thread.',
    });
  }
  // One class of array, so that the inner loops stay monomorphic whatever the caller holds (Buffer, ImageData's clamped array, …).
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels };
}

/** By tag and not by `instanceof`: arrays from another realm (an iframe, a test runner's sandbox) are arrays too. */
function isBytes(data: unknown): data is Uint8Array | Uint8ClampedArray {
  return ['[object Uint8Array]', '[object Uint8ClampedArray]'].includes(Object.prototype.toString.call(data));
}

function isChannels(value: number): value is 1 | 2 | 3 | 4 {
  return value === 1 || value === 2 || value === 3 || value === 4;
}

/** @throws ImageError `IMAGE_DIMENSIONS` unless `value` is a positive integer. */
export function checkSize(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new ImageError({ code: 'IMAGE_DIMENSIONS', message: `${what} is ${shown(value)}, but a positive integer was expected.` });
}

/** @throws ImageError `IMAGE_TOO_LARGE` where `what` would have more than `most` entries; called before allocating. */
export function checkPixelCount(width: number, height: number, what = 'the result', most = MAX_PIXELS): void {
  if (width * height <= most) return;
  throw new ImageError({
    code: 'IMAGE_TOO_LARGE',
    message: `${what} would be ${width}×${height}, ${width * height} in all, but at most ${most} are made.`,
    fix: 'Ask for a smaller size, or crop first: an extreme aspect ratio makes the longer side very long.',
  });
}

/** Space for a new picture, zeroed. @throws ImageError `IMAGE_TOO_LARGE`. */
export function allocatePixels(width: number, height: number, channels: number): Uint8Array {
  checkPixelCount(width, height);
  return new Uint8Array(width * height * channels);
}
