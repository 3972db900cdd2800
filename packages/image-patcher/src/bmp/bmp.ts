import type { Image } from '@polymodal/modality-registry';
import { ImageError } from '../errors.js';
import type { ImageInfo } from '../sniff/reader.js';
import { type BmpHeader, readBmpHeader } from './bmp-header.js';
import { expandRuns } from './bmp-runs.js';

/** The most pixels that a byte of a run-length encoded picture stands for. */
const MAX_RATIO = 128;

/**
 * A BMP's pixels as RGB, or as RGBA where its masks name alpha, as Pillow's `Image.open(file)` gives them; that of 32 bits without masks has
 * none. In plain TypeScript, since sharp has no decoder for it and browsers' disagree about alpha.
 *
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DECODE`.
 */
export function decodeBmp(bytes: Uint8Array, { width, height }: ImageInfo, allowTruncated: boolean): Image {
  const header = readBmpHeader(bytes);
  const { bits, runs, start, topDown, order } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const last = Math.ceil((width * bits) / 8);
  const available = Math.max(0, bytes.length - start);
  const enough = runs ? available * MAX_RATIO >= width * height : available >= (height - 1) * stride + last;
  if (!enough && !allowTruncated) throw truncated(bytes);

  const channels = order.length === 4 ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const { indices, whole } = runs ? expandRuns(bytes, start, width, height, bits === 4 ? 4 : 8) : { indices: undefined, whole: true };
  if (!whole && !allowTruncated) throw truncated(bytes);
  const write = writer(header, indices ? 8 : bits);
  for (let y = 0; y < height; y++) {
    const from = start + y * stride;
    const line = indices ? indices.subarray(y * width, (y + 1) * width) : bytes.subarray(from, from + last);
    // What is missing of a file cut short stays as in a picture of nothing but zeros.
    const row = line.length < (indices ? width : last) ? new Uint8Array(last) : line;
    write(row, width, data, (topDown ? y : height - 1 - y) * width * channels);
  }
  return { data, width, height, channels };
}

type RowWriter = (line: Uint8Array, width: number, out: Uint8Array, at: number) => void;

function writer({ palette, paletteStep, wideGreen, order }: BmpHeader, bits: number): RowWriter {
  if (bits <= 8) {
    const mask = 2 ** bits - 1;
    return (line, width, out, at) => {
      for (let x = 0, o = at; x < width; x++, o += 3) {
        const bit = x * bits;
        const index = (line[bit >> 3]! >> (8 - bits - (bit & 7))) & mask;
        // As in Pillow, an index that the palette lacks is a level of grey.
        for (let c = 0; c < 3; c++) out[o + c] = palette[index * paletteStep + 2 - c] ?? index;
      }
    };
  }
  if (bits === 16) {
    const [greenBits, greenMost] = wideGreen ? [6, 63] : [5, 31];
    return (line, width, out, at) => {
      for (let x = 0, o = at; x < width; x++, o += 3) {
        const pixel = line[2 * x]! | (line[2 * x + 1]! << 8);
        out[o] = (((pixel >> (5 + greenBits)) & 31) * 255) / 31;
        out[o + 1] = (((pixel >> 5) & greenMost) * 255) / greenMost;
        out[o + 2] = ((pixel & 31) * 255) / 31;
      }
    };
  }
  const step = bits / 8;
  const channels = order.length;
  return (line, width, out, at) => {
    for (let x = 0, o = at, p = 0; x < width; x++, o += channels, p += step) {
      for (let c = 0; c < channels; c++) out[o + c] = line[p + order[c]!]!;
    }
  };
}

function truncated(bytes: Uint8Array): ImageError {
  return new ImageError({
    code: 'IMAGE_TRUNCATED',
    message: `the BMP of ${bytes.length} bytes ends before its picture does.`,
    fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
  });
}
