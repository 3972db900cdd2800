import type { Image } from '@polymodal/modality-registry';
import { ImageError, shown } from '../errors.js';
import { allocatePixels, checkImage } from '../image.js';

const { abs, floor, fround, max, min, trunc } = Math;

/**
 * Turns the hue by `shift` of the colour circle, -0.5 to 0.5, through Pillow's HSV of 8 bits as torchvision's `adjust_hue`; grey pictures
 * are given back as they are, not copied, and so does alpha (torchvision makes it opaque).
 *
 * @throws ImageError `IMAGE_AUGMENT` for a shift outside; `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`.
 */
export function adjustHue(image: Image, shift: number): Image {
  const { data, width, height, channels } = checkImage(image);
  if (!(abs(shift) <= 0.5)) {
    throw new ImageError({ code: 'IMAGE_AUGMENT', message: `hue shift is ${shown(shift)}, but a number from -0.5 to 0.5 was expected.` });
  }
  if (channels < 3) return image;
  const out = allocatePixels(width, height, channels);
  const steps = trunc(shift * 255);
  const rgb: [number, number, number] = [0, 0, 0];
  for (let p = 0; p < data.length; p += channels) {
    turnHue(data[p]!, data[p + 1]!, data[p + 2]!, steps, rgb);
    out.set(rgb, p);
    if (channels === 4) out[p + 3] = data[p + 3]!;
  }
  return { data: out, width, height, channels };
}

/** To HSV and back with the hue moved on, each step in the precision of Pillow's Convert.c (`rgb2hsv_row`, `hsv2rgb`). */
function turnHue(r: number, g: number, b: number, steps: number, out: [number, number, number]): void {
  const value = max(r, g, b);
  const range = value - min(r, g, b);
  const saturation = range === 0 ? 0 : trunc(fround(range / value) * 255);
  const hue = ((range === 0 ? 0 : hueOf(r, g, b, value, range)) + steps) & 255;
  if (saturation === 0) {
    out[0] = out[1] = out[2] = value;
    return;
  }
  const sector = floor((hue * 6) / 255);
  const f = fround((hue * 6) / 255 - sector);
  const s = fround(saturation / 255);
  const p = level(value * (1 - s));
  const q = level(value * (1 - fround(s * f)));
  const t = level(value * (1 - s * (1 - f)));
  const order = [value, t, p, q, value, p, p, value, t, p, q, value, t, p, value, value, p, q];
  const at = (sector % 6) * 3;
  out[0] = order[at]!;
  out[1] = order[at + 1]!;
  out[2] = order[at + 2]!;
}

function hueOf(r: number, g: number, b: number, value: number, range: number): number {
  const rc = fround((value - r) / range);
  const gc = fround((value - g) / range);
  const bc = fround((value - b) / range);
  const sixths = r === value ? bc - gc : g === value ? 2 + rc - bc : 4 + gc - rc;
  const turn = fround((fround(sixths) / 6 + 1) % 1);
  return trunc(turn * 255);
}

const level = (value: number) => min(255, floor(value + 0.5));
