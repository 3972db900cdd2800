import { Reader } from '../sniff/reader.js';

/** What of a PNG its pixels are made of (W3C recommendation, section 11). */
export interface PngChunks {
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  readonly colorType: number;
  readonly bitDepth: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array | undefined;
  /** The compressed pixels, as views of the file. */
  readonly data: readonly Uint8Array[];
  /** Whether the file ends before its last chunk does. */
  readonly cutShort: boolean;
}

/** Values of a pixel, by colour type. */
export const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const depthsOf: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
const critical = ['PLTE', 'tRNS', 'IDAT'];

/** @throws ImageError `IMAGE_DECODE` for a header that means nothing, a wrong checksum or a palette picture without a palette. */
export function readChunks(bytes: Uint8Array): PngChunks {
  const reader = new Reader(bytes, 'png');
  const [bitDepth, colorType, compression, filter, interlace] = [24, 25, 26, 27, 28].map((at) => reader.u8(at)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (!depthsOf[colorType]?.includes(bitDepth)) throw reader.malformed(`colour type ${colorType} with ${bitDepth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) throw reader.malformed('an unknown compression, filter or interlace method');
  const data: Uint8Array[] = [];
  const found = new Map<string, Uint8Array>();
  let cutShort = true;
  for (let at = 33; at + 8 <= bytes.length; ) {
    const length = reader.u32(at);
    const tag = reader.tag(at + 4);
    if (tag === 'IEND') {
      cutShort = false;
      break;
    }
    const content = bytes.subarray(at + 8, at + 8 + length);
    const whole = at + 12 + length <= bytes.length;
    if (critical.includes(tag)) {
      if (whole && reader.u32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length))) {
        throw reader.malformed(`the checksum of its ${tag} chunk is wrong`);
      }
      if (tag === 'IDAT') data.push(content);
      else found.set(tag, content);
    }
    at += 12 + length;
  }
  const palette = found.get('PLTE');
  if (colorType === 3 && !palette && !cutShort) throw reader.malformed('its colours come from a palette, which is missing');
  const transparency = found.get('tRNS');
  return { colorType, bitDepth, interlaced: interlace === 1, palette: palette ?? new Uint8Array(0), transparency, data, cutShort };
}

/** CRC-32 of ISO 3309, by a table of 256 that is made once per chunk. */
function crc32(bytes: Uint8Array): number {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    table[i] = value;
  }
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
