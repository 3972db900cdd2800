import { Reader } from '../sniff/reader.js';

/** What the headers of a BMP say of its pixels. */
export interface BmpHeader {
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  /** Whether its rows are run-length encoded, of 4 or of 8 bits a pixel. */
  readonly runs: boolean;
  readonly topDown: boolean;
  /** Where the pixels begin. */
  readonly start: number;
  /** The colours of a picture of at most 8 bits as blue, green, red and, but in OS/2's, a byte that means nothing. */
  readonly palette: Uint8Array;
  readonly paletteStep: 3 | 4;
  /** Of 16 bits: whether green has 6 and not 5. */
  readonly wideGreen: boolean;
  /** Of 24 and 32 bits: where in a pixel's bytes red, green, blue and, where it has alpha, alpha lie. */
  readonly order: readonly number[];
}

const OS2_HEADER = 12;
const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;

/**
 * The headers of Windows' and OS/2's bitmaps, as far as Pillow reads them: one picture of 1 to 32 bits, with masks of whole bytes, or of 5 bits
 * each or 5, 6 and 5.
 *
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DECODE` for a combination that means nothing or that no one writes.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const reader = new Reader(bytes, 'bmp', true);
  const size = reader.u32(14);
  const os2 = size === OS2_HEADER;
  const bits = reader.u16(os2 ? 24 : 28);
  const compression = os2 ? RGB : reader.u32(30);
  if (!isDepth(bits)) throw reader.malformed(`${bits} bits a pixel`);
  if (!os2 && reader.i32(18) < 0) throw reader.malformed(`a width of ${reader.i32(18)}`);
  const runs = (compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4);
  const masked = compression === BITFIELDS && bits >= 16;
  if (compression !== RGB && !runs && !masked) throw reader.malformed(`compression ${compression} with ${bits} bits a pixel`);

  const masks = masked ? [54, 58, 62, ...(size >= 56 ? [66] : [])].map((at) => reader.u32(at)) : [];
  const colors = bits > 8 ? 0 : (!os2 && reader.u32(46)) || 2 ** bits;
  const paletteStep = os2 ? 3 : 4;
  const paletteStart = 14 + size;
  const paletteEnd = paletteStart + paletteStep * Math.min(colors, 256);
  if (paletteEnd > bytes.length) reader.u8(paletteEnd - 1);
  const offset = reader.u32(10) || paletteEnd + (masked && size === 40 ? 12 : 0);
  return {
    bits,
    runs,
    topDown: !os2 && reader.i32(22) < 0,
    // Some writers forget the palette when they say where the pixels begin.
    start: offset === paletteStart && bits <= 8 ? offset + 4 * colors : offset,
    palette: bytes.subarray(paletteStart, paletteEnd),
    paletteStep,
    wideGreen: bits === 16 && masked && isWideGreen(masks, reader),
    order: bits < 24 ? [] : orderOf(masks, bits, reader),
  };
}

function isDepth(bits: number): bits is BmpHeader['bits'] {
  return [1, 4, 8, 16, 24, 32].includes(bits);
}

function isWideGreen(masks: readonly number[], reader: Reader): boolean {
  const rgb = masks.slice(0, 3).join();
  if (rgb === [0xf800, 0x7e0, 0x1f].join()) return true;
  if (rgb === [0x7c00, 0x3e0, 0x1f].join()) return false;
  throw unknownMasks(masks, reader);
}

/** Without masks a pixel is blue, green and red; with masks of nothing but 0 alpha follows. */
function orderOf(masks: readonly number[], bits: number, reader: Reader): readonly number[] {
  if (masks.length === 0) return [2, 1, 0];
  if (bits === 32 && masks.every((mask) => mask === 0)) return [2, 1, 0, 3];
  const named = bits === 24 || !masks[3] ? masks.slice(0, 3) : masks;
  const order = named.map((mask) => [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask));
  if (order.some((at) => at < 0 || at >= bits / 8) || new Set(order).size < order.length) throw unknownMasks(masks, reader);
  return order;
}

function unknownMasks(masks: readonly number[], reader: Reader) {
  return reader.malformed(`masks of ${masks.map((mask) => mask.toString(16)).join(', ')}`);
}
