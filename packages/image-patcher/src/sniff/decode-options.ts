import { checkChoice, checkOptions, ImageError, shown } from '../errors.js';
import { MAX_PIXELS } from '../image.js';

/** What both decoders, `/node` and `/browser`, can be told. */
export interface CommonDecodeOptions {
  /** Refuse pictures of more pixels, before allocating them. Default 89,478,485, as Pillow's limit. */
  readonly maxPixels?: number;
  /** Refuse pictures of more bytes; a file before all of it is read. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Give what there is of a picture that is cut short, as Pillow's `LOAD_TRUNCATED_IMAGES`. Default false. */
  readonly allowTruncated?: boolean;
  /** 16-bit grey to 8 bits: `clip` at 255, as Pillow's `convert('RGB')` does (default), or `scale` by 1/256, which keeps the picture. */
  readonly grey16?: 'clip' | 'scale';
}

/** @throws ImageError `IMAGE_OPTIONS` for a value that means nothing: it must not count as another, nor be blamed on the file. */
export function checkDecodeOptions<T extends CommonDecodeOptions>(options: T): T & Required<CommonDecodeOptions> {
  const { maxPixels = MAX_PIXELS, maxBytes = 512 * 1024 * 1024, allowTruncated = false, grey16 = 'clip' } = checkOptions(options);
  checkLimit('maxPixels', maxPixels, Number.MAX_SAFE_INTEGER);
  checkLimit('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER);
  if (typeof allowTruncated !== 'boolean') {
    throw new ImageError({ code: 'IMAGE_OPTIONS', message: `allowTruncated is ${shown(allowTruncated)}, but true or false was expected.` });
  }
  checkChoice('grey16', grey16, ['clip', 'scale'], 'IMAGE_OPTIONS');
  return { ...options, maxPixels, maxBytes, allowTruncated, grey16 };
}

/** @throws ImageError `IMAGE_OPTIONS` unless `value` is a whole number from 1 to `most`. */
export function checkLimit(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ImageError({
    code: 'IMAGE_OPTIONS',
    message: `${name} is ${shown(value)}, but a whole number from 1 to ${most} was expected.`,
  });
}

/** @throws ImageError `IMAGE_TOO_LARGE`. */
export function checkByteCount(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new ImageError({
    code: 'IMAGE_TOO_LARGE',
    message: `the picture has ${size} bytes, but at most ${maxBytes} are read.`,
    fix: 'Pass a larger maxBytes if it can be trusted.',
  });
}
