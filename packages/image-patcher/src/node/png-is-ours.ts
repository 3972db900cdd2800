import { pngIsCutShort } from '../sniff/raster.js';
import { Reader } from '../sniff/reader.js';

/**
 * Whether a PNG is of a kind that libvips gives otherwise than Pillow: 16-bit grey, with a transparent colour, with a palette of fewer colours
 * than there are indices, or cut short where that is allowed.
 */
export function pngIsOurs(bytes: Uint8Array, allowTruncated: boolean): boolean {
  const reader = new Reader(bytes, 'png');
  const [bitDepth, colorType] = [reader.u8(24), reader.u8(25)];
  if ((colorType === 0 && bitDepth === 16) || (allowTruncated && pngIsCutShort(bytes))) return true;
  if (colorType > 3) return false;
  for (let at = 33; at + 8 <= bytes.length; at += 12 + reader.u32(at)) {
    const tag = reader.tag(at + 4);
    if (tag === 'IDAT') return false;
    if (tag === 'tRNS' && colorType < 3) return true;
    if (tag === 'PLTE' && colorType === 3) return reader.u32(at) < 3 * 2 ** bitDepth;
  }
  return false;
}
