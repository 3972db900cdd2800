import type { TensorLike } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError, shown } from '../errors.js';
import { checkSize, MAX_PIXELS } from '../image.js';
import type { PerAxis } from '../interpolate/interpolate.js';

const { cos, pow, sin } = Math;

export interface SinCosOptions {
  /** `halves` (default): all sines, then all cosines, as MAE and DiT; `interleaved`: sine and cosine by turns, as Vaswani et al. 2017. */
  readonly order?: 'halves' | 'interleaved';
}

export interface SinCosGridOptions {
  /** Rows of zeros before the grid's, for class tokens. Default 0. */
  readonly extraTokens?: number;
}

/**
 * Sine-cosine positions of a sequence: angles position ÷ 10000^(2i ÷ width) (Vaswani et al. 2017, arXiv 1706.03762, section 3.5),
 * computed in float64. → [length, width]
 *
 * @throws ImageError `IMAGE_DIMENSIONS` unless length is a positive integer and width an even one; `IMAGE_MODE`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function sinCosPositions(length: number, width: number, options: SinCosOptions = {}): TensorLike<'float32'> {
  checkTable(length, width, 2);
  const { order = 'halves' } = checkOptions(options);
  checkChoice('order', order, ['halves', 'interleaved']);
  const data = new Float32Array(length * width); // [length, width]
  const [step, toCosine] = order === 'halves' ? [1, width / 2] : [2, 1];
  for (let p = 0; p < length; p++) writeAngles(p, width, data, p * width, step, toCosine);
  return { type: 'float32', dims: [length, width], data };
}

/**
 * Sine-cosine positions of a grid, row by row: the first half of each vector encodes the column and the second half the row, each as sines,
 * then cosines (He et al. 2021, arXiv 2111.06377; `get_2d_sincos_pos_embed`). → [extraTokens + height × width, width of a vector]
 *
 * @throws ImageError `IMAGE_DIMENSIONS` unless the sides are positive integers and `width` a multiple of 4; `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function sinCosPositions2d(grid: PerAxis, width: number, options: SinCosGridOptions = {}): TensorLike<'float32'> {
  const { height: rows, width: columns } =
    typeof grid === 'number' ? { height: grid, width: grid } : checkOptions(grid, 'a number or { height, width }', 'grid');
  const { extraTokens = 0 } = checkOptions(options);
  checkSize('grid height', rows);
  checkSize('grid width', columns);
  checkExtraTokens(extraTokens);
  const length = extraTokens + rows * columns;
  checkTable(length, width, 4);
  const data = new Float32Array(length * width); // [extraTokens + rows × columns, width]
  const half = width / 2;
  for (let y = 0, at = extraTokens * width; y < rows; y++) {
    for (let x = 0; x < columns; x++, at += width) {
      writeAngles(x, half, data, at, 1, half / 2);
      writeAngles(y, half, data, at + half, 1, half / 2);
    }
  }
  return { type: 'float32', dims: [length, width], data };
}

function writeAngles(position: number, width: number, out: Float32Array, at: number, step: number, toCosine: number): void {
  for (let i = 0, o = at; i < width / 2; i++, o += step) {
    const angle = position * (1 / pow(10_000, i / (width / 2)));
    out[o] = sin(angle);
    out[o + toCosine] = cos(angle);
  }
}

/** @throws ImageError `IMAGE_DIMENSIONS` unless `count` is a whole number from 0. */
export function checkExtraTokens(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new ImageError({
    code: 'IMAGE_DIMENSIONS',
    message: `extraTokens is ${shown(count)}, but a whole number from 0 was expected.`,
  });
}

function checkTable(length: number, width: number, divisor: number): void {
  checkSize('length', length);
  checkSize('width of a vector', width);
  if (width % divisor !== 0) {
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `width of a vector is ${width}, but a multiple of ${divisor} was expected.`,
    });
  }
  if (length * width <= MAX_PIXELS) return;
  throw new ImageError({
    code: 'IMAGE_TOO_LARGE',
    message: `the table would have ${length} × ${width} values, but at most ${MAX_PIXELS} are made.`,
  });
}
