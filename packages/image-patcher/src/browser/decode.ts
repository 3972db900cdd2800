import type { Image } from '@polymodal/modality-registry';
import { decodeBmp } from '../bmp/bmp.js';
import { ImageError, shown } from '../errors.js';
import { inflateStream } from '../png/inflate.js';
import { decodePng } from '../png/png.js';
import { checkPixels } from '../sniff/check-pixels.js';
import { isCutShort, withEnd } from '../sniff/cut-short.js';
import { type CommonDecodeOptions, checkByteCount, checkDecodeOptions } from '../sniff/decode-options.js';
import { withBackdrop } from '../sniff/gif-backdrop.js';
import { asBytes, type ImageFormat } from '../sniff/reader.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { decodeBitmap } from './bitmap.js';

/** `allowTruncated` is for PNG, JPEG and BMP. */
export type DecodeOptions = CommonDecodeOptions;

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
 *   `IMAGE_FILE` for what is no bytes, `IMAGE_OPTIONS`, `IMAGE_DECODER_MISSING`.
 */
export async function decodeImage(source: Uint8Array | ArrayBuffer | Blob, options: DecodeOptions = {}): Promise<Image> {
  const { maxPixels, maxBytes, allowTruncated, grey16 } = checkDecodeOptions(options);
  const bytes = await bytesOf(source, maxBytes);
  const info = sniffImage(bytes);
  const { format } = info;
  if (remedies[format]) throw unsupported(format, remedies[format]);
  checkPixels(info, maxPixels);
  if (format === 'png') return decodePng(bytes, info, { allowTruncated, grey16, inflate: inflateStream });
  if (format === 'bmp') return decodeBmp(bytes, info, allowTruncated);

  const cutShort = isCutShort(bytes, format);
  if (cutShort && !(allowTruncated && format === 'jpeg')) throw truncated(bytes, format);
  try {
    const image = await decodeBitmap(cutShort ? withEnd(bytes) : bytes, info);
    return format === 'gif' ? withBackdrop(image, bytes) : image;
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
  const blob = source as Blob | null;
  // By its method: blobs of another realm are such too.
  if (typeof blob?.arrayBuffer !== 'function') {
    const bytes = asBytes(source as Uint8Array | ArrayBuffer, 'a Uint8Array, an ArrayBuffer or a Blob');
    checkByteCount(bytes.length, maxBytes);
    return bytes;
  }
  checkByteCount(blob.size, maxBytes);
  return new Uint8Array(await blob.arrayBuffer());
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
