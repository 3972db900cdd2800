import type { Image } from '@polymodal/modality-registry';
import { checkOptions, ImageError, shown } from '../errors.js';
import { allocatePixels, checkImage } from '../image.js';
import { checkColor, type Fill } from '../pad.js';
import { premultiply, unpremultiplyInPlace } from '../premultiply.js';
import { checkPair } from './check-options.js';
import { sinCos } from './elementary.js';

const { floor, max, min } = Math;

export interface AffineOptions {
  /** Degrees, clockwise, about the centre; default 0. */
  readonly angle?: number;
  /** Pixels to the right and down; default none. */
  readonly translate?: readonly [x: number, y: number];
  /** Default 1. */
  readonly scale?: number;
  /** Degrees along x and along y; default none. */
  readonly shear?: readonly [x: number, y: number];
  /** The colour of what lies outside the picture; default 0. */
  readonly fill?: Fill;
}

/**
 * Rotates, moves, scales and shears a picture about its centre, bilinear, at its size: torchvision's `affine` with Pillow's `transform`.
 *
 * @throws ImageError `IMAGE_AUGMENT` for a number that is not finite, a scale that is not positive or a shear of 90 degrees or more;
 *   `IMAGE_COLOR`, `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_OPTIONS`.
 */
export function affine(image: Image, options: AffineOptions = {}): Image {
  const given = checkImage(image);
  checkOptions(options);
  const { width, height, channels } = given;
  const color = checkColor(options.fill ?? 0, channels);
  const [a, b, c, d, e, f] = inverseMatrix(width / 2, height / 2, options);
  const hasAlpha = channels === 2 || channels === 4;
  const { data } = hasAlpha ? premultiply(given) : given;
  const out = allocatePixels(width, height, channels);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += channels) {
      const fromX = a * (x + 0.5) + b * (y + 0.5) + c;
      const fromY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)) {
        for (let k = 0; k < channels; k++) out[o + k] = color[k]!;
        continue;
      }
      const left = floor(fromX - 0.5);
      const top = floor(fromY - 0.5);
      const dx = fromX - 0.5 - left;
      const dy = fromY - 0.5 - top;
      const x0 = max(0, left) * channels;
      const x1 = min(width - 1, left + 1) * channels;
      const row0 = max(0, top) * width * channels;
      const row1 = min(height - 1, top + 1) * width * channels;
      for (let k = 0; k < channels; k++) {
        const above = data[row0 + x0 + k]! + (data[row0 + x1 + k]! - data[row0 + x0 + k]!) * dx;
        const below = data[row1 + x0 + k]! + (data[row1 + x1 + k]! - data[row1 + x0 + k]!) * dx;
        out[o + k] = above + (below - above) * dy; // cut off, as Pillow does
      }
    }
  }
  if (hasAlpha) unpremultiplyInPlace(out, channels);
  return { data: out, width, height, channels };
}

type Matrix = readonly [number, number, number, number, number, number];

/** From a pixel of the result to where it comes from: rotation × shear × scale about the centre, inverted (torchvision's `_get_inverse_affine_matrix`). */
function inverseMatrix(cx: number, cy: number, { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0] }: AffineOptions): Matrix {
  checkPair('translate', translate);
  checkPair('shear', shear);
  const numbers = { angle, scale, 'translate x': translate[0], 'translate y': translate[1], 'shear x': shear[0], 'shear y': shear[1] };
  for (const [name, value] of Object.entries(numbers)) {
    const usable = name === 'scale' ? value > 0 : !name.startsWith('shear') || Math.abs(value) < 90;
    if (Number.isFinite(value) && usable) continue;
    const expected = name === 'scale' ? 'a positive number' : name.startsWith('shear') ? 'a number between -90 and 90' : 'a finite number';
    throw new ImageError({ code: 'IMAGE_AUGMENT', message: `${name} is ${shown(value)}, but ${expected} was expected.` });
  }
  // Through radians, where a quarter turn is not quite one: Pillow cuts levels off, and that shows.
  const [turn, shearX, shearY] = [angle % 360, ...shear].map((degrees) => degrees * (Math.PI / 180)) as [number, number, number];
  const [sinX, cosX] = sinCos(shearX);
  const [, cosY] = sinCos(shearY);
  const [sin, cos] = sinCos(turn);
  const [sinSheared, cosSheared] = sinCos(turn - shearY);
  const tangent = sinX / cosX;
  const a = cosSheared / cosY;
  const b = (-cosSheared * tangent) / cosY - sin;
  const c = sinSheared / cosY;
  const d = (-sinSheared * tangent) / cosY + cos;
  const [m0, m1, m3, m4] = [d / scale, -b / scale, -c / scale, a / scale];
  const x = -cx - translate[0];
  const y = -cy - translate[1];
  return [m0, m1, m0 * x + m1 * y + cx, m3, m4, m3 * x + m4 * y + cy];
}
