import type { TensorLike } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError, shown } from '../errors.js';
import { checkSize, MAX_PIXELS } from '../image.js';
import { floatsOf } from '../tensor.js';
import { applyTaps, type InterpolationMode, interpolationModes, makeTaps, type Taps } from './taps.js';

/** One number for both axes, or one for each. */
export type PerAxis = number | { readonly height: number; readonly width: number };

export interface InterpolateOptions {
  /** The new height and width. Either this or `scaleFactor`. */
  readonly size?: PerAxis;
  /** What the sides are multiplied by, rounded down; as in PyTorch, positions step by its inverse even where the rounding bites. */
  readonly scaleFactor?: PerAxis;
  /** Default `nearest`, as in PyTorch. */
  readonly mode?: InterpolationMode;
  /** Widen the kernel when shrinking; `bilinear` and `bicubic` only. Default false. */
  readonly antialias?: boolean;
  /** Whether the centres of the corner values stay where they are; `bilinear` and `bicubic` only. Default false. */
  readonly alignCorners?: boolean;
}

/** The largest result, in values: a picture of as many pixels as are decoded. */
const MAX_VALUES = 3 * MAX_PIXELS;

/**
 * Resizes the last two axes of a float32 tensor, [..., height, width], as PyTorch's `F.interpolate` does on a CPU. Unlike `resize`, which
 * is Pillow's, it does not antialias unless asked, and its bicubic kernel has a = -0.75 then.
 *
 * @throws ImageError `IMAGE_TENSOR` for another type or fewer than two axes; `IMAGE_DIMENSIONS`, `IMAGE_FILTER`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function interpolate(tensor: TensorLike, options: InterpolateOptions): TensorLike<'float32'> {
  const { data, outer, height, width, leading } = checkTensor(tensor);
  const { mode = 'nearest', antialias = false, alignCorners = false } = checkOptions(options, '{ size }');
  checkMode(mode, antialias, alignCorners);
  const target = targetSize(options, height, width);
  const tallest = Math.max(height, target.height);
  if (outer * tallest * target.width > MAX_VALUES) throw tooLarge([...leading, tallest, target.width]);

  const exactRatio = mode === 'nearest' && leading.at(-1) === 1;
  const axis = (from: number, to: number, factor: number | undefined): Taps =>
    makeTaps(from, to, { mode, antialias, alignCorners, exactRatio, ...(factor !== undefined && { factor }) });
  const across = applyTaps(data, outer * height, width, 1, axis(width, target.width, target.factorX)); // [outer, height, width']
  const out = applyTaps(across, outer, height, target.width, axis(height, target.height, target.factorY)); // [outer, height', width']
  return { type: 'float32', dims: [...leading, target.height, target.width], data: out };
}

function checkTensor(tensor: TensorLike) {
  const { dims, data, given } = floatsOf(tensor);
  const leading = dims.slice(0, -2);
  const outer = leading.reduce((product, dim) => product * dim, 1);
  const [height = 0, width = 0] = dims.slice(-2);
  if (dims.length >= 2 && data.length > 0) return { data, outer, height, width, leading };
  throw new ImageError({
    code: 'IMAGE_TENSOR',
    message: `tensor is ${given}, but float32 [..., height, width] was expected.`,
  });
}

function checkMode(mode: InterpolationMode, antialias: boolean, alignCorners: boolean): void {
  checkChoice('mode', mode, interpolationModes, 'IMAGE_FILTER');
  if ((antialias || alignCorners) && mode !== 'bilinear' && mode !== 'bicubic') {
    throw new ImageError({
      code: 'IMAGE_FILTER',
      message: `${antialias ? 'antialias' : 'alignCorners'} was asked for with mode ${mode}, but only bilinear and bicubic have it.`,
    });
  }
}

interface Target {
  readonly height: number;
  readonly width: number;
  readonly factorY?: number;
  readonly factorX?: number;
}

function targetSize({ size, scaleFactor }: InterpolateOptions, height: number, width: number): Target {
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `${size === undefined ? 'neither size nor scaleFactor was given' : 'size and scaleFactor were both given'}, but one of them was expected.`,
    });
  }
  const both = (value: PerAxis) => (typeof value === 'object' && value !== null ? value : { height: value, width: value });
  const target: Target = size === undefined ? scaled(both(scaleFactor!), height, width) : both(size);
  checkSize('target height', target.height);
  checkSize('target width', target.width);
  return target;
}

function scaled(factor: { readonly height: number; readonly width: number }, height: number, width: number): Target {
  for (const [side, value] of Object.entries(factor)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `scaleFactor of the ${side} is ${shown(value)}, but a positive number was expected.`,
    });
  }
  return {
    height: Math.floor(height * factor.height),
    width: Math.floor(width * factor.width),
    factorY: factor.height,
    factorX: factor.width,
  };
}

function tooLarge(dims: readonly number[]): ImageError {
  return new ImageError({
    code: 'IMAGE_TOO_LARGE',
    message: `the result would need [${dims.join(', ')}] values, but at most ${MAX_VALUES} are made.`,
    fix: 'Ask for a smaller size, or interpolate the items of the batch one by one.',
  });
}
