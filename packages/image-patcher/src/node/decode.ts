import type { Image } from '@polymodal/modality-registry';
import { decodeBmp } from '../bmp/bmp.js';
import { cmykToRgb } from '../convert.js';
import { ImageError } from '../errors.js';
import { MAX_PIXELS } from '../image.js';
import { checkPixels } from '../sniff/check-pixels.js';
import { withoutTurns } from '../sniff/heif.js';
import { pngIsCutShort } from '../sniff/raster.js';
import type { ImageInfo } from '../sniff/reader.js';
import { sniffImage } from '../sniff/sniff-image.js';
import { type ImageSource, readSource } from './read.js';
import { loadSharp } from './sharp.js';

export interface DecodeOptions {
  /** Refuse pictures of more pixels, before allocating them. Default 89,478,485, as Pillow's limit. */
  readonly maxPixels?: number;
  /** Refuse files of more bytes. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Give what there is of a file that is cut short, as Pillow's `LOAD_TRUNCATED_IMAGES`. Default false. */
  readonly allowTruncated?: boolean;
  /** 16-bit grey to 8 bits: `clip` at 255, as Pillow's `convert('RGB')` does (default), or `scale` by 1/256, which keeps the picture. */
  readonly grey16?: 'clip' | 'scale';
  /** Give up on one picture after so many seconds of decoding. Default 60. */
  readonly timeoutSeconds?: number;
}

/**
 * Decodes a picture file to RGB, or to RGBA where it has alpha, with the levels that Pillow's `Image.open(file).convert('RGB')` gives:
 * no colour management, no rotation by EXIF or by an AVIF's boxes, the first frame of an animation. Needs the optional peer sharp, but for BMP.
 *
 * @throws ImageError `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`, `IMAGE_TRUNCATED`, `IMAGE_DECODE`,
 *   `IMAGE_FILE`, `IMAGE_SHARP_MISSING`.
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<Image> {
  const { maxPixels = MAX_PIXELS, maxBytes = 512 * 1024 * 1024 } = options;
  const bytes = await readSource(source, maxBytes);
  const info = sniffImage(bytes);
  if (info.format === 'heic') throw unsupported();
  checkPixels(info, maxPixels);
  if (info.format === 'bmp') return decodeBmp(bytes, info, options.allowTruncated ?? false);

  const sharp = await loadSharp();
  const stored = info.format === 'avif' ? withoutTurns(bytes) : bytes;
  const open = () => {
    const failOn = options.allowTruncated ? 'none' : 'error';
    return sharp(stored, { ignoreIcc: true, failOn, limitInputPixels: maxPixels }).timeout({ seconds: options.timeoutSeconds ?? 60 });
  };
  try {
    const kind = await kindOf(info, open);
    if (kind === 'cmyk') return cmykToRgb(await raw(open().pipelineColourspace('cmyk').toColourspace('cmyk')));
    if (kind === 'grey16') return fromGrey16(await raw(open().toColourspace('grey16'), 'ushort'), options.grey16 ?? 'clip');
    return await raw(open());
  } catch (cause) {
    throw cause instanceof ImageError ? cause : translated(cause, bytes, info);
  }
}

type Pipeline = ReturnType<Awaited<ReturnType<typeof loadSharp>>>;

/** Pictures that libvips would convert otherwise than Pillow does: CMYK, and grey of 16 bits. */
async function kindOf(info: ImageInfo, open: () => Pipeline): Promise<'cmyk' | 'grey16' | 'plain'> {
  if (info.format === 'jpeg') return info.channels === 4 ? 'cmyk' : 'plain';
  if (info.format === 'png') return info.bitDepth === 16 && info.channels === 1 ? 'grey16' : 'plain';
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

function translated(cause: unknown, bytes: Uint8Array, { format }: ImageInfo): ImageError {
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
  const cutShort =
    /premature end|unexpected end|truncated|not enough data|read past/i.test(reason) || (format === 'png' && pngIsCutShort(bytes));
  if (cutShort) {
    return new ImageError({
      code: 'IMAGE_TRUNCATED',
      message: `the ${name} of ${bytes.length} bytes ends before its picture does (${reason}).`,
      fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
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
