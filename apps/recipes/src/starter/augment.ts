import type { Random } from '@polymodal/autograd';
import { pictureBytes, sourceSize } from './pictures.js';

/** Side of the model's input, in pixels. */
export const inputSize = 32;
const plane = inputSize * inputSize;

/** The model sees (value − 1) / 0.35: white is 0, so that zero padding goes on with the white paper that pictures lie on. */
export const pixelMean = 1;
export const pixelStd = 0.35;

/** How far pictures are changed. Never tuned on Noto. */
export interface Augmentation {
  /** Largest turn either way, in degrees. */
  readonly rotation: number;
  /** Range of the zoom. */
  readonly scale: readonly [number, number];
  /** Largest logarithm of the ratio between the zooms of the two axes. */
  readonly stretch: number;
  readonly shear: number;
  /** Largest shift either way, as a fraction of the picture. */
  readonly shift: number;
  /** Largest turn of the hue, in radians. */
  readonly hue: number;
  /** How often a picture becomes grey. */
  readonly grey: number;
  /** Strength of saturation, contrast, brightness and white-balance changes; 1 is the usual. */
  readonly colour: number;
  /** How often the paper is coloured. */
  readonly background: number;
  /** How often a dark line is drawn around the picture, as OpenMoji has it. */
  readonly outline: number;
  /** How often the picture is blurred or sharpened. */
  readonly blur: number;
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
const chance = (random: Random, probability: number): boolean => random.uniform() < probability;

/** Maps output coordinates in [−1, 1] to source coordinates: [x′, y′] = [a b; c d]·[x, y] + [e, f]. */
function drawWarp(
  random: Random,
  { rotation, scale, stretch, shear, shift }: Augmentation,
): readonly [number, number, number, number, number, number] {
  const angle = (between(random, -rotation, rotation) * Math.PI) / 180;
  const zoom = Math.exp(between(random, Math.log(scale[0]), Math.log(scale[1])));
  const ratio = Math.exp(between(random, -stretch, stretch));
  const slant = between(random, -shear, shear);
  const [ix, iy] = [1 / (zoom * ratio), ratio / zoom];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    cos * ix,
    (slant * cos - sin) * ix,
    sin * iy,
    (cos + slant * sin) * iy,
    between(random, -2 * shift, 2 * shift) * ix,
    between(random, -2 * shift, 2 * shift) * iy,
  ];
}

/** Draws the warped picture bilinearly, transparent outside. `out` is four planes (R, G, B, A), premultiplied, 0 to 1. */
function warp(source: Uint8Array, at: number, [a, b, c, d, e, f]: ReturnType<typeof drawWarp>, out: Float32Array): void {
  for (let y = 0; y < inputSize; y++) {
    const v = (2 * y + 1) / inputSize - 1;
    for (let x = 0; x < inputSize; x++) {
      const u = (2 * x + 1) / inputSize - 1;
      const sx = ((a * u + b * v + e + 1) * sourceSize - 1) / 2;
      const sy = ((c * u + d * v + f + 1) * sourceSize - 1) / 2;
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
      const [fx, fy] = [sx - x0, sy - y0];
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let j = 0; j < 2; j++) {
        const row = y0 + j;
        if (row < 0 || row >= sourceSize) continue;
        const wy = j === 0 ? 1 - fy : fy;
        for (let i = 0; i < 2; i++) {
          const column = x0 + i;
          if (column < 0 || column >= sourceSize) continue;
          const weight = (wy * (i === 0 ? 1 - fx : fx)) / 255;
          const p = at + (row * sourceSize + column) * 4;
          red += weight * source[p]!;
          green += weight * source[p + 1]!;
          blue += weight * source[p + 2]!;
          alpha += weight * source[p + 3]!;
        }
      }
      const to = y * inputSize + x;
      out[to] = red;
      out[plane + to] = green;
      out[2 * plane + to] = blue;
      out[3 * plane + to] = alpha;
    }
  }
}

const luma = [0.299, 0.587, 0.114] as const;

/** Hue, saturation, contrast and white balance as one 3×3 matrix [9], and brightness as an offset. */
function drawColour(random: Random, { hue, grey, colour }: Augmentation): { readonly matrix: readonly number[]; readonly offset: number } {
  // Half of the pictures keep nearly their own hue.
  const turn = between(random, -hue, hue) * (chance(random, 0.5) ? 1 : 0.2);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const third = (1 - cos) / 3;
  const skew = sin / Math.sqrt(3);
  const rotation = [
    cos + third,
    third - skew,
    third + skew,
    third + skew,
    cos + third,
    third - skew,
    third - skew,
    third + skew,
    cos + third,
  ];
  const saturation = chance(random, grey) ? 0 : Math.exp(between(random, -0.5, 0.4) * colour);
  const contrast = Math.exp(between(random, -0.3, 0.3) * colour);
  const balance = [0, 1, 2].map(() => Math.exp(between(random, -0.12, 0.12) * colour));
  const matrix = Array.from({ length: 9 }, (_, k) => {
    const [row, column] = [Math.floor(k / 3), k % 3];
    const mixed = luma.reduce((total, weight, i) => total + weight * rotation[3 * i + column]!, 0);
    return contrast * balance[row]! * (saturation * rotation[3 * row + column]! + (1 - saturation) * mixed);
  });
  return { matrix, offset: 0.5 * (1 - contrast) + between(random, -0.15, 0.15) * colour };
}

/** Turns the colours of a premultiplied picture, in place. */
function recolour(picture: Float32Array, { matrix, offset }: ReturnType<typeof drawColour>): void {
  for (let i = 0; i < plane; i++) {
    const alpha = picture[3 * plane + i]!;
    if (alpha === 0) continue;
    const [r, g, b] = [picture[i]!, picture[plane + i]!, picture[2 * plane + i]!];
    for (let c = 0; c < 3; c++) {
      const value = matrix[3 * c]! * r + matrix[3 * c + 1]! * g + matrix[3 * c + 2]! * b + offset * alpha;
      picture[c * plane + i] = Math.min(Math.max(value, 0), alpha);
    }
  }
}

/** Draws a dark line one pixel wide where the picture meets the paper. */
function outline(picture: Float32Array, shade: number, before: Float32Array): void {
  before.set(picture.subarray(3 * plane));
  for (let y = 0; y < inputSize; y++)
    for (let x = 0; x < inputSize; x++) {
      let widest = 0;
      for (let j = Math.max(y - 1, 0); j <= Math.min(y + 1, inputSize - 1); j++)
        for (let i = Math.max(x - 1, 0); i <= Math.min(x + 1, inputSize - 1); i++) widest = Math.max(widest, before[j * inputSize + i]!);
      const at = y * inputSize + x;
      const added = widest - before[at]!;
      for (let c = 0; c < 3; c++) picture[c * plane + at]! += added * shade;
      picture[3 * plane + at] = widest;
    }
}

/** Moves three planes towards (amount > 0) or away from (amount < 0) their 3×3 mean, within [0, 1]. */
function blur(planes: Float32Array, amount: number, before: Float32Array): void {
  for (let c = 0; c < 3; c++) {
    const channel = planes.subarray(c * plane, (c + 1) * plane);
    before.set(channel);
    for (let y = 0; y < inputSize; y++)
      for (let x = 0; x < inputSize; x++) {
        let total = 0;
        for (let j = -1; j <= 1; j++)
          for (let i = -1; i <= 1; i++)
            total += before[Math.min(Math.max(y + j, 0), inputSize - 1) * inputSize + Math.min(Math.max(x + i, 0), inputSize - 1)]!;
        const own = before[y * inputSize + x]!;
        channel[y * inputSize + x] = Math.min(Math.max(own + amount * (total / 9 - own), 0), 1);
      }
  }
}

const picture = new Float32Array(4 * plane);
const scratch = new Float32Array(plane);

/**
 * One changed view of a stored picture, as the model's input: warped, recoloured, laid on paper.
 * Writes three planes of {@link inputSize}² normalised values at `to`.
 */
export function augment(source: Uint8Array, index: number, settings: Augmentation, random: Random, out: Float32Array, to: number): void {
  warp(source, index * pictureBytes, drawWarp(random, settings), picture);
  recolour(picture, drawColour(random, settings));
  const paper = chance(random, settings.background) ? [random.uniform(), random.uniform(), random.uniform()] : [1, 1, 1];
  if (chance(random, settings.outline)) outline(picture, between(random, 0, 0.3), scratch);
  for (let c = 0; c < 3; c++) for (let i = 0; i < plane; i++) picture[c * plane + i]! += (1 - picture[3 * plane + i]!) * paper[c]!;
  if (chance(random, settings.blur)) blur(picture, between(random, -0.8, 0.8), scratch);
  for (let i = 0; i < 3 * plane; i++) out[to + i] = (picture[i]! - pixelMean) / pixelStd;
}
