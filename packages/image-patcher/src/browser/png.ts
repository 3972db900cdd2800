import type { Image } from '@polymodal/modality-registry';
import { ImageError } from '../errors.js';
import type { ImageInfo } from '../sniff/reader.js';
import { type PngChunks, readChunks } from './png-chunks.js';
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

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface PngOptions {
  readonly allowTruncated: boolean;
  readonly grey16: 'clip' | 'scale';
}

/**
 * A PNG's pixels as RGB, or RGBA where the file has alpha. Canvases keep colours multiplied by alpha, which loses what Pillow keeps, and drop
 * half of 16-bit grey: only the inflating is the browser's.
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
  if (compressed * MAX_RATIO < size && !options.allowTruncated) throw truncated(bytes);
  const filtered = new Uint8Array(size);
  if ((await inflate(chunks.data, filtered)) < filtered.length && !options.allowTruncated) throw truncated(bytes);

  const grey16 = chunks.colorType === 0 && chunks.bitDepth === 16;
  const channels = chunks.colorType >= 4 || (chunks.transparency !== undefined && !grey16) ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const write = grey16 ? greyWriter(options.grey16) : colorWriter(chunks, channels);
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

/** Inflates as much as `into` holds, whatever follows; the number of bytes that there were. */
async function inflate(parts: readonly Uint8Array[], into: Uint8Array): Promise<number> {
  const compressed = new Blob(parts.map((part) => new Uint8Array(part)));
  const reader = compressed.stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  let done = 0;
  try {
    while (done < into.length) {
      const { value } = await reader.read();
      if (!value) break;
      into.set(value.subarray(0, into.length - done), done);
      done += value.length;
    }
    await reader.cancel();
  } catch {
    // Damaged or cut short: the caller sees how much there was.
  }
  return done;
}

type RowWriter = (line: Uint8Array, columns: number, out: Uint8Array, at: number, step: number) => void;

/** 16-bit grey, clipped as Pillow's `convert('RGB')` or by its high byte. */
function greyWriter(how: 'clip' | 'scale'): RowWriter {
  return (line, columns, out, at, step) => {
    for (let i = 0, o = at; i < columns; i++, o += step) {
      const high = line[2 * i]!;
      out.fill(how === 'scale' ? high : high > 0 ? 255 : line[2 * i + 1]!, o, o + 3);
    }
  };
}

function colorWriter({ colorType, bitDepth, palette, transparency }: PngChunks, channels: number): RowWriter {
  const stored = channelsOf[colorType]!;
  const colors = stored < 3 ? 1 : 3;
  const scale = bitDepth < 8 && colorType === 0 ? 255 / (2 ** bitDepth - 1) : 1;
  const key = transparency && colorType < 3 ? Array.from({ length: colors }, (_, c) => wide(transparency, 2 * c)) : undefined;
  return (line, columns, out, at, step) => {
    for (let i = 0, o = at; i < columns; i++, o += step) {
      if (colorType === 3) {
        const index = sample(line, i, bitDepth);
        for (let c = 0; c < 3; c++) out[o + c] = palette[3 * index + c] ?? 0;
        if (channels === 4) out[o + 3] = transparency?.[index] ?? 255;
        continue;
      }
      for (let c = 0; c < 3; c++) out[o + c] = sample(line, i * stored + (colors === 1 ? 0 : c), bitDepth) * scale;
      if (channels === 3) continue;
      if (!key) out[o + 3] = sample(line, i * stored + colors, bitDepth);
      else out[o + 3] = key.every((value, c) => exact(line, i * stored + c, bitDepth) === value) ? 0 : 255;
    }
  };
}

/** One value of 1, 2, 4 or 8 bits, or the high byte of one of 16. */
function sample(line: Uint8Array, index: number, bits: number): number {
  if (bits === 8) return line[index]!;
  if (bits === 16) return line[2 * index]!;
  const bit = index * bits;
  return (line[bit >> 3]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}

function exact(line: Uint8Array, index: number, bits: number): number {
  return bits === 16 ? wide(line, 2 * index) : sample(line, index, bits);
}

function wide(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function truncated(bytes: Uint8Array): ImageError {
  return new ImageError({
    code: 'IMAGE_TRUNCATED',
    message: `the PNG of ${bytes.length} bytes ends before its picture does.`,
    fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
  });
}
