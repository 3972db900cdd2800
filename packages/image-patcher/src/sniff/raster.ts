import type { ImageInfo } from './reader.js';
import { Reader } from './reader.js';

/** PNG (W3C recommendation, section 11.2.1): the first chunk is IHDR. */
export function readPng(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'png');
  reader.u32(12);
  if (reader.tag(12) !== 'IHDR' || reader.u32(8) !== 13) throw reader.malformed('its first chunk is not IHDR');
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[reader.u8(25)];
  if (channels === undefined) throw reader.malformed(`colour type ${reader.u8(25)}`);
  return { format: 'png', width: reader.u32(16), height: reader.u32(20), bitDepth: reader.u8(24), channels };
}

/** Whether a PNG ends before its image data do: tells a file cut short from one that is damaged. */
export function pngIsCutShort(bytes: Uint8Array): boolean {
  const reader = new Reader(bytes, 'png');
  for (let at = 8; at + 12 <= reader.length; at += 12 + reader.u32(at)) {
    if (reader.tag(at + 4) === 'IEND') return false;
  }
  return true;
}

/** JPEG (ITU-T T.81, annex B): segments up to the start of frame, which may follow megabytes of metadata. */
export function readJpeg(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'jpeg');
  for (let at = 2; ; ) {
    if (reader.u8(at) !== 0xff) throw reader.malformed(`no marker at byte ${at}`);
    const marker = reader.u8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (standsAlone) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) throw reader.malformed('image data before the start of frame');
    const length = reader.u16(at + 2);
    if (length < 2) throw reader.malformed(`a segment of ${length} bytes`);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      return {
        format: 'jpeg',
        bitDepth: reader.u8(at + 4),
        height: reader.u16(at + 5),
        width: reader.u16(at + 7),
        channels: reader.u8(at + 9),
      };
    }
    at += 2 + length;
  }
}

/** GIF89a, section 18: the logical screen. */
export function readGif(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'gif', true);
  return { format: 'gif', width: reader.u16(6), height: reader.u16(8) };
}

/** WebP container (RFC 9649): lossy, lossless or extended. */
export function readWebp(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'webp', true);
  reader.u32(12);
  switch (reader.tag(12)) {
    case 'VP8 ':
      if (reader.u24(23) !== 0x2a019d) throw reader.malformed('no key frame at the start');
      return { format: 'webp', width: reader.u16(26) & 0x3fff, height: reader.u16(28) & 0x3fff };
    case 'VP8L': {
      if (reader.u8(20) !== 0x2f) throw reader.malformed('no lossless signature');
      const bits = reader.u32(21);
      return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { format: 'webp', width: reader.u24(24) + 1, height: reader.u24(27) + 1 };
    default:
      throw reader.malformed(`first chunk ${JSON.stringify(reader.tag(12))}`);
  }
}

/** BMP: the old OS/2 header has 16-bit sizes; a negative height means top row first. */
export function readBmp(bytes: Uint8Array): ImageInfo {
  const reader = new Reader(bytes, 'bmp', true);
  if (reader.u32(14) === 12) return { format: 'bmp', width: reader.u16(18), height: reader.u16(20) };
  return { format: 'bmp', width: Math.abs(reader.i32(18)), height: Math.abs(reader.i32(22)) };
}
