import type { Image } from '@polymodal/modality-registry';
import { decodeBmp } from '../bmp/bmp.js';
import { ImageError, shown } from '../errors.js';
import { MAX_PIXELS } from '../image.js';
import { checkPixels } from '../sniff/check-pixels.js';
import type { ImageFormat } from '../sniff/reader.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { decodeBitmap } from './bitmap.js';
import { isCutShort } from './cut-short.js';
import { decodePng } from './png.js';

export interface DecodeOptions {
  /** Refuse pictures of more pixels, before allocating them. Default 89,478,485, as Pillow's limit. */
  readonly maxPixels?: number;
  /** Refuse files of more bytes, before reading them. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Give what there is of a PNG, JPEG or BMP that is cut short, as Pillow's `LOAD_TRUNCATED_IMAGES`. Default false. */
  readonly allowTruncated?: boolean;
  /** 16-bit grey to 8 bits: `clip` at 255, as Pillow's `convert('RGB')` does (default), or `scale` by 1/256, which keeps the picture. */
  readonly grey16?: 'clip' | 'scale';
}

/** What another program must turn into PNG or JPEG first, and which. */
const remedies: Partial<Record<ImageFormat, string>> = {
  heic: 'heif-convert, or "sips -s format png" on macOS',
  tiff: 'any image editor, or decode it in Node with @polymodal/image-patcher/node',
  svg: 'a canvas, by drawing it as an <img> and reading its pixels',
};

/**
 * Decodes a PNG, JPEG, GIF, WebP, AVIF or BMP in a page or worker to RGB, or to RGBA where it has alpha, as Pillow's `Image.open(file).convert('RGB')`
 * gives: no colour management, no rotation by EXIF or by an AVIF's boxes, the first frame of an animation.
 *
 * @throws ImageError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`, `IMAGE_TRUNCATED`, `IMAGE_DECODE`,
 *   `IMAGE_FILE` for what is no bytes, `IMAGE_DECODER_MISSING`.
 */
export async function decodeImage(source: Uint8Array | ArrayBuffer | Blob, options: DecodeOptions = {}): Promise<Image> {
  const { maxPixels = MAX_PIXELS, maxBytes = 512 * 1024 * 1024, allowTruncated = false, grey16 = 'clip' } = options;
  const bytes = await bytesOf(source, maxBytes);
  const info = sniffImage(bytes);
  const { format } = info;
  if (remedies[format]) throw unsupported(format, remedies[format]);
  checkPixels(info, maxPixels);
  if (format === 'png') return decodePng(bytes, info, { allowTruncated, grey16 });
  if (format === 'bmp') return decodeBmp(bytes, info, allowTruncated);

  const cutShort = isCutShort(bytes, format);
  if (cutShort && !(allowTruncated && format === 'jpeg')) throw truncated(bytes, format);
  try {
    return await decodeBitmap(cutShort ? withEnd(bytes) : bytes, info);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError({
      code: 'IMAGE_DECODE',
      message: `the ${format.toUpperCase()} cannot be decoded (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'The file is damaged, or the browser does not know the format: export it again, as PNG or JPEG.',
      cause,
    });
  }
}

async function bytesOf(source: Uint8Array | ArrayBuffer | Blob, maxBytes: number): Promise<Uint8Array> {
  // By tag and method: arrays and blobs of another realm are such too.
  const tag = Object.prototype.toString.call(source);
  if (tag === '[object Uint8Array]') return source as Uint8Array;
  if (tag === '[object ArrayBuffer]') return new Uint8Array(source as ArrayBuffer);
  const blob = source as Blob | null;
  if (typeof blob?.arrayBuffer !== 'function') {
    throw new ImageError({ code: 'IMAGE_FILE', message: `picture is ${shown(source)}, but bytes or a Blob were expected.` });
  }
  if (blob.size > maxBytes) {
    throw new ImageError({
      code: 'IMAGE_TOO_LARGE',
      message: `the file has ${blob.size} bytes, but at most ${maxBytes} are read.`,
      fix: 'Pass a larger maxBytes if the picture can be trusted.',
    });
  }
  return new Uint8Array(await blob.arrayBuffer());
}

/** A JPEG with an end: decoders then fill in the rest. */
function withEnd(jpeg: Uint8Array): Uint8Array {
  const whole = new Uint8Array(jpeg.length + 2);
  whole.set(jpeg);
  whole.set([0xff, 0xd9], jpeg.length);
  return whole;
}

function truncated(bytes: Uint8Array, format: ImageFormat): ImageError {
  const retry = format === 'jpeg' ? ', or pass allowTruncated to take what there is' : '';
  return new ImageError({
    code: 'IMAGE_TRUNCATED',
    message: `the ${format.toUpperCase()} of ${bytes.length} bytes ends before its picture does.`,
    fix: `Copy or download the file again${retry}.`,
  });
}

function unsupported(format: ImageFormat, remedy: string): ImageError {
  return new ImageError({
    code: 'IMAGE_UNSUPPORTED_FORMAT',
    message: `the picture is ${format.toUpperCase()}, which browsers do not decode alike, or not at all.`,
    fix: `Convert it to PNG or JPEG first, with ${remedy}.`,
  });
}
