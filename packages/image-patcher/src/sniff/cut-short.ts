import { Reader } from './reader.js';

/** Whether a JPEG, GIF or WebP ends before its (first) picture does, by its structure: decoders do not always say why they refuse a file. */
export function isCutShort(bytes: Uint8Array, format: string): boolean {
  if (format === 'jpeg') return wholeLength(bytes) !== undefined;
  if (format === 'gif') return gifIsCutShort(bytes);
  return format === 'webp' && new Reader(bytes, 'webp', true).u32(4) + 8 > bytes.length;
}

/** A JPEG that is cut short, with an end after what is whole of it: decoders then fill in the rest. */
export function withEnd(jpeg: Uint8Array): Uint8Array {
  const length = wholeLength(jpeg) ?? jpeg.length;
  const ended = new Uint8Array(length + 2);
  ended.set(jpeg.subarray(0, length));
  ended.set([0xff, 0xd9], length);
  return ended;
}

/** How much of a JPEG is whole, half a segment not counted; undefined where it has its end (ITU-T T.81, annex B: FF D9 outside of every segment). */
function wholeLength(bytes: Uint8Array): number | undefined {
  for (let at = 2; at + 1 < bytes.length; ) {
    const marker = bytes[at + 1]!;
    // Between markers lie compressed data, in which FF is followed by 0 or by a restart mark.
    if (bytes[at] !== 0xff || marker === 0xff || marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at++;
    else if (marker === 0xd9) return undefined;
    else {
      const next = at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
      if (Math.max(at + 4, next) > bytes.length) return at;
      at = next;
    }
  }
  return bytes.length;
}

/** GIF89a, sections 18 to 22: the last sub-block of the first picture. */
function gifIsCutShort(bytes: Uint8Array): boolean {
  const colors = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + colors(bytes[10] ?? 0);
  while (at < bytes.length) {
    const isPicture = bytes[at] === 0x2c;
    if (!isPicture && bytes[at] !== 0x21) return false;
    at += isPicture ? 11 + colors(bytes[at + 9] ?? 0) : 2;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
    if (at >= bytes.length) return true;
    if (isPicture) return false;
    at++;
  }
  return true;
}
