import { ImageError } from '../errors.js';
import { isCutShort } from '../sniff/cut-short.js';
import { pngIsCutShort } from '../sniff/raster.js';
import type { ImageFormat, ImageInfo } from '../sniff/reader.js';

interface Given {
  readonly allowTruncated: boolean;
  readonly timeoutSeconds: number;
}

/** An error of sharp's as one of ours, which says what to do about it. */
export function translated(cause: unknown, bytes: Uint8Array, { format }: ImageInfo, given: Given): ImageError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
  const name = format.toUpperCase();
  if (/exceeds pixel limit/i.test(reason)) {
    return new ImageError({
      code: 'IMAGE_TOO_LARGE',
      message: `the ${name} has more pixels than the limit.`,
      fix: 'Pass a larger maxPixels if it can be trusted.',
      cause,
    });
  }
  if (/^timeout/i.test(reason)) {
    return new ImageError({
      code: 'IMAGE_TIMEOUT',
      message: `the ${name} was not decoded within timeoutSeconds, ${given.timeoutSeconds} (${reason}).`,
      fix: 'Pass a larger timeoutSeconds if it can be trusted.',
      cause,
    });
  }
  const cutShort =
    /premature end|unexpected end|truncated|not enough data|read past/i.test(reason) ||
    (format === 'png' ? pngIsCutShort(bytes) : isCutShort(bytes, format));
  if (cutShort) {
    return new ImageError({
      code: 'IMAGE_TRUNCATED',
      message: `the ${name} of ${bytes.length} bytes ends before its picture does (${reason}).`,
      fix: `Copy or download the file again${elseway(format, given)}.`,
      cause,
    });
  }
  return new ImageError({
    code: 'IMAGE_DECODE',
    message: `the ${name} cannot be decoded (${reason}).`,
    fix: 'The file is damaged: export it again.',
    cause,
  });
}

/** Advice that was followed already, or that does not help, is none. */
function elseway(format: ImageFormat, { allowTruncated }: Given): string {
  if (format === 'webp' || format === 'avif' || format === 'svg') return '';
  return allowTruncated ? ': it ends too soon to give anything' : ', or pass allowTruncated to take what there is';
}
