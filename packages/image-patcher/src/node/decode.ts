import type { Image } from '@polymodal/modality-registry';
import { decodeBmp } from '../bmp/bmp.js';
import { cmykToRgb } from '../convert.js';
import { ImageError } from '../errors.js';
import { orient } from '../orient.js';
import { tiffOrientation } from '../orientation.js';
import { decodePng } from '../png/png.js';
import { checkPixels } from '../sniff/check-pixels.js';
import { isCutShort, withEnd } from '../sniff/cut-short.js';
import { type CommonDecodeOptions, checkDecodeOptions, checkLimit } from '../sniff/decode-options.js';
import { withBackdrop } from '../sniff/gif-backdrop.js';
import { withoutTurns } from '../sniff/heif.js';
import type { ImageInfo } from '../sniff/reader.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { inflate } from './inflate.js';
import { pngIsOurs } from './png-is-ours.js';
import { type ImageSource, readSource } from './read.js';
import { loadSharp } from './sharp.js';
import { translated } from './translated.js';

export interface DecodeOptions extends CommonDecodeOptions {
  /** Give up on one picture after so many seconds of decoding, from 1 to 3600. Default 60. */
  readonly timeoutSeconds?: number;
}

/** @throws ImageError `IMAGE_OPTIONS`, before any picture is read. */
export function checkNodeOptions(options: DecodeOptions): Required<DecodeOptions> {
  const { timeoutSeconds = 60, ...common } = checkDecodeOptions(options);
  checkLimit('timeoutSeconds', timeoutSeconds, 3600);
  return { ...common, timeoutSeconds };
}

/**
 * Decodes a picture file to RGB, or to RGBA where it has alpha, with the levels that Pillow's `Image.open(file).convert('RGB')` gives:
 * no colour management, no rotation by EXIF or by an AVIF's boxes, but by a TIFF's own tag, the first frame of an animation. Needs the optional
 * peer sharp, but for BMP.
 *
 * @throws ImageError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`, `IMAGE_TRUNCATED`, `IMAGE_DECODE`,
 *   `IMAGE_TIMEOUT`, `IMAGE_FILE`, `IMAGE_OPTIONS`, `IMAGE_SHARP_MISSING`.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<Image> {
  const given = checkNodeOptions(options);
  const bytes = await readSource(source, given.maxBytes);
  const info = sniffImage(bytes);
  if (info.format === 'heic') throw unsupported();
  checkPixels(info, given.maxPixels);
  if (info.format === 'bmp') return decodeBmp(bytes, info, given.allowTruncated);
  if (info.format === 'png' && pngIsOurs(bytes, given.allowTruncated)) return decodePng(bytes, info, { ...given, inflate });
  const image = await decodeWithSharp(bytes, info, given);
  if (info.format === 'tiff') return orient(image, tiffOrientation(bytes));
  return info.format === 'gif' ? withBackdrop(image, bytes) : image;
}

async function decodeWithSharp(bytes: Uint8Array, info: ImageInfo, given: Required<DecodeOptions>): Promise<Image> {
  const sharp = await loadSharp();
  const stored = readable(bytes, info, given);
  const open = () => {
    const failOn = given.allowTruncated ? 'none' : 'error';
    return sharp(stored, { ignoreIcc: true, failOn, limitInputPixels: given.maxPixels }).timeout({ seconds: given.timeoutSeconds });
  };
  try {
    const kind = await kindOf(info, open);
    if (kind === 'cmyk') return cmykToRgb(await raw(open().pipelineColourspace('cmyk').toColourspace('cmyk')));
    if (kind === 'grey16') return fromGrey16(await raw(open().toColourspace('grey16'), 'ushort'), given.grey16);
    return await raw(open());
  } catch (cause) {
    throw cause instanceof ImageError ? cause : translated(cause, bytes, info, given);
  }
}

/** The bytes for sharp: an AVIF as it is stored, a JPEG that is cut short with an end, without which a progressive one may be refused. */
function readable(bytes: Uint8Array, { format }: ImageInfo, { allowTruncated }: Required<DecodeOptions>): Uint8Array {
  if (format === 'avif') return withoutTurns(bytes);
  return format === 'jpeg' && allowTruncated && isCutShort(bytes, format) ? withEnd(bytes) : bytes;
}

type Pipeline = ReturnType<Awaited<ReturnType<typeof loadSharp>>>;

/** Pictures that libvips would convert otherwise than Pillow does: CMYK, and grey of 16 bits. */
async function kindOf(info: ImageInfo, open: () => Pipeline): Promise<'cmyk' | 'grey16' | 'plain'> {
  if (info.format === 'jpeg') return info.channels === 4 ? 'cmyk' : 'plain';
  if (info.format !== 'tiff') return 'plain';
  const { space, channels } = await open().metadata();
  if (space === 'cmyk' && channels === 4) return 'cmyk';
  return space === 'grey16' && channels === 1 ? 'grey16' : 'plain';
}

async function raw(pipeline: Pipeline, depth: 'uchar' | 'ushort' = 'uchar'): Promise<Image> {
  const { data, info } = await pipeline.raw({ depth }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  // Small results may share Node's buffer pool: a view of their own bytes only.
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels };
}

function fromGrey16({ data, width, height, channels = 1 }: Image, how: 'clip' | 'scale'): Image {
  const out = new Uint8Array(width * height * 3);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let i = 0; i < width * height; i++) {
    const level = view.getUint16(i * channels * 2, true);
    out.fill(how === 'clip' ? Math.min(255, level) : level >> 8, i * 3, i * 3 + 3);
  }
  return { data: out, width, height, channels: 3 };
}

function unsupported(): ImageError {
  return new ImageError({
    code: 'IMAGE_UNSUPPORTED_FORMAT',
    message: 'the picture is HEIC, which the prebuilt sharp cannot decode.',
    fix: 'Convert it to PNG or JPEG first, with heif-convert, or "sips -s format png" on macOS.',
  });
}
