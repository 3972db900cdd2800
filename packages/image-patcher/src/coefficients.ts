import { type Filter, kernels } from './filters.js';
import { checkPixelCount } from './image.js';

/** Fraction bits of a weight: a sum of 8-bit pixels times weights fits in 32 bits, with a sign and one bit for overshoot. */
export const PRECISION_BITS = 32 - 8 - 2;

/** For every output position: which source pixels it sums, and their weights in fixed point. */
export interface Coefficients {
  /** First source pixel of each output. [size] */
  readonly starts: Int32Array;
  /** Number of source pixels of each output. [size] */
  readonly counts: Int32Array;
  /** Weights times 2^22. [size, stride] */
  readonly weights: Int32Array;
  readonly stride: number;
  readonly size: number;
}

/** The source pixels that the outputs sum, from the first of the first to the last of the last. */
export function span({ starts, counts, size }: Coefficients): { readonly first: number; readonly count: number } {
  const first = starts[0]!;
  return { first, count: starts[size - 1]! + counts[size - 1]! - first };
}

/** One axis of a resize: `boxStart`…`boxEnd` of `inSize` source pixels become `outSize`, of which `count` from `first` on are wanted. */
export interface Axis {
  readonly inSize: number;
  readonly boxStart: number;
  readonly boxEnd: number;
  readonly outSize: number;
  readonly first: number;
  readonly count: number;
}

/**
 * The weights of an antialiased resize along one axis, as Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` (src/libImaging/Resample.c)
 * define them: the kernel is stretched by the scale when shrinking, normalised in float64, and rounded half away from zero.
 *
 * @throws ImageError `IMAGE_TOO_LARGE` for a table that would be larger than a picture may be.
 */
export function coefficients({ inSize, boxStart, boxEnd, outSize, first, count }: Axis, filter: Exclude<Filter, 'nearest'>): Coefficients {
  const { support: unitSupport, weight } = kernels[filter];
  // Pillow subtracts the box in float32.
  const scale = Math.fround(boxEnd - boxStart) / outSize;
  const stretch = Math.max(1, scale);
  const support = unitSupport * stretch;
  const stride = Math.min(Math.ceil(support) * 2 + 1, inSize);
  const inverse = 1 / stretch;
  checkPixelCount(stride, count, 'the table of weights');

  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * stride); // [count, stride]
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const center = boxStart + (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const taps = Math.min(inSize, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let t = 0; t < taps; t++) {
      const w = weight((t + start - center + 0.5) * inverse);
      exact[t] = w;
      sum += w;
    }
    for (let t = 0; t < taps; t++) {
      const w = (sum === 0 ? exact[t]! : exact[t]! / sum) * (1 << PRECISION_BITS);
      weights[i * stride + t] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
    }
    starts[i] = start;
    counts[i] = Math.max(0, taps);
  }
  return { starts, counts, weights, stride, size: count };
}
