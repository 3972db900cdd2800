import type { Pixels } from './image.js';

/** a × b ÷ 255, rounded, as Pillow's MULDIV255. */
function scaled(a: number, b: number): number {
  const t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

/** Colour times alpha, in a new picture; the last channel is alpha. Pillow's conversion RGBA → RGBa, LA → La. */
export function premultiply(source: Pixels): Pixels {
  const { data, channels } = source;
  const out = new Uint8Array(data.length);
  const alphaAt = channels - 1;
  for (let p = 0; p < data.length; p += channels) {
    const alpha = data[p + alphaAt]!;
    for (let c = 0; c < alphaAt; c++) out[p + c] = alpha === 255 ? data[p + c]! : scaled(data[p + c]!, alpha);
    out[p + alphaAt] = alpha;
  }
  return { ...source, data: out };
}

/** Undoes {@link premultiply} in place: colour × 255 ÷ alpha, rounded down and clipped, as Pillow's RGBa → RGBA. */
export function unpremultiplyInPlace(data: Uint8Array, channels: number): void {
  const clamped = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  const alphaAt = channels - 1;
  for (let p = 0; p < data.length; p += channels) {
    const alpha = data[p + alphaAt]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < alphaAt; c++) clamped[p + c] = ((255 * data[p + c]!) / alpha) | 0;
  }
}
