import type { Levels } from './levels.js';

/**
 * A PNG of palette colours (W3C "PNG (Third Edition)"), its data stored and not compressed (RFC 1950, 1951): for a picture inside an SVG,
 * which is text anyway, that keeps this package free of a compressor.
 */
export function palettePng({ indices, width, height, palette }: Levels): Uint8Array {
  const rows = new Uint8Array((width + 1) * height); // each behind a filter of 0, none
  for (let y = 0; y < height; y++) rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits, palette

  const chunks: readonly (readonly [string, Uint8Array])[] = [
    ['IHDR', header],
    ['PLTE', palette],
    ['IDAT', stored(rows)],
    ['IEND', new Uint8Array(0)],
  ];
  const out = new Uint8Array(chunks.reduce((size, [, data]) => size + 12 + data.length, 8));
  out.set([137, 80, 78, 71, 13, 10, 26, 10]);
  const target = new DataView(out.buffer);
  let at = 8;
  for (const [type, data] of chunks) {
    target.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) out[at + 4 + i] = type.charCodeAt(i);
    out.set(data, at + 8);
    target.setUint32(at + 8 + data.length, crc32(out.subarray(at + 4, at + 8 + data.length)));
    at += 12 + data.length;
  }
  return out;
}

const BLOCK = 0xffff;

/** zlib's frame around stored blocks. */
function stored(data: Uint8Array): Uint8Array {
  const blocks = Math.ceil(data.length / BLOCK);
  const out = new Uint8Array(2 + data.length + 5 * blocks + 4);
  out.set([0x78, 0x01]);
  let at = 2;
  for (let start = 0; start < data.length; start += BLOCK) {
    const block = data.subarray(start, start + BLOCK);
    const size = block.length;
    out.set([start + size === data.length ? 1 : 0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255], at);
    out.set(block, at + 5);
    at += 5 + size;
  }
  new DataView(out.buffer).setUint32(at, adler32(data));
  return out;
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < data.length; i++) {
    a = (a + data[i]!) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function crc32(data: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
