import type { Image } from '@polymodal/modality-registry';
import { ImageError } from '../errors.js';
import type { ImageInfo } from '../sniff/reader.js';
import type { Inflate } from './inflate.js';
import { channelsOf, readChunks } from './png-chunks.js';
import { rowWriter } from './png-rows.js';
import { unfilter } from './png-unfilter.js';

/** First column and row, and the steps, of Adam7's seven passes. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** More than deflate can grow (1,032 times): a header that claims more than the data can hold costs no memory. */
const MAX_RATIO = 1100;

interface PngOptions {
  readonly allowTruncated: boolean;
  readonly grey16: 'clip' | 'scale';
  readonly inflate: Inflate;
}

/**
 * A PNG's pixels as RGB, or RGBA where the file has alpha, as Pillow gives them. Canvases keep colours multiplied by alpha, which loses what
 * Pillow keeps, and drop half of 16-bit grey; libpng compares other values with a transparent colour. Only the inflating is the platform's.
 *
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DECODE`.
 */
export async function decodePng(bytes: Uint8Array, { width, height }: ImageInfo, options: PngOptions): Promise<Image> {
  const chunks = readChunks(bytes);
  if (chunks.cutShort && !options.allowTruncated) throw truncated(bytes);
  const bits = channelsOf[chunks.colorType]! * chunks.bitDepth;
  const passes = (chunks.interlaced ? adam7 : [[0, 0, 1, 1] as const])
    .map(([x, y, stepX, stepY]) => ({ x, y, stepX, stepY, columns: Math.ceil((width - x) / stepX), rows: Math.ceil((height - y) / stepY) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, stride: Math.ceil((pass.columns * bits) / 8) }));
  const size = passes.reduce((sum, { rows, stride }) => sum + rows * (stride + 1), 0);
  const compressed = chunks.data.reduce((sum, { length }) => sum + length, 0);
  if (compressed * MAX_RATIO < size && !options.allowTruncated) throw damaged(bytes);
  const filtered = new Uint8Array(size);
  const inflated = await options.inflate(chunks.data, filtered);
  if (inflated < filtered.length && !options.allowTruncated) throw damaged(bytes);
  filtered.fill(0, wholeRows(passes, inflated));

  const channels = chunks.colorType >= 4 || chunks.transparency ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const write = rowWriter(chunks, options.grey16);
  let start = 0;
  for (const { x, y, stepX, stepY, columns, rows, stride } of passes) {
    const pass = filtered.subarray(start, start + rows * (stride + 1));
    unfilter(pass, rows, stride, Math.max(1, bits >> 3));
    for (let row = 0; row < rows; row++) {
      const line = pass.subarray(row * (stride + 1) + 1, (row + 1) * (stride + 1));
      write(line, columns, data, ((y + row * stepY) * width + x) * channels, stepX * channels);
    }
    start += pass.length;
  }
  return { data, width, height, channels };
}

/** The bytes that whole rows make up: of part of a row Pillow gives nothing, and so do we. */
function wholeRows(passes: readonly { readonly rows: number; readonly stride: number }[], inflated: number): number {
  let start = 0;
  for (const { rows, stride } of passes) {
    const length = rows * (stride + 1);
    if (start + length > inflated) return inflated - ((inflated - start) % (stride + 1));
    start += length;
  }
  return start;
}

function truncated(bytes: Uint8Array): ImageError {
  return new ImageError({
    code: 'IMAGE_TRUNCATED',
    message: `the PNG of ${bytes.length} bytes ends before its picture does.`,
    fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
  });
}

function damaged(bytes: Uint8Array): ImageError {
  return new ImageError({
    code: 'IMAGE_DECODE',
    message: `the PNG of ${bytes.length} bytes has its end, but too few pixels before it.`,
    fix: 'The file is damaged: export it again, or pass allowTruncated to take what there is.',
  });
}
