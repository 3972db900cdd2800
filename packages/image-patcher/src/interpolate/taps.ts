import { checkPixelCount } from '../image.js';

/** Held here, since looking up `Math` in an inner loop is slow where globals are intercepted (test runners' sandboxes). */
const { abs, ceil, floor, fround, max, min, trunc } = Math;

/** How values between the given ones are found, by PyTorch's names. */
export type InterpolationMode = 'nearest' | 'nearest-exact' | 'bilinear' | 'bicubic' | 'area';

export const interpolationModes: readonly InterpolationMode[] = ['nearest', 'nearest-exact', 'bilinear', 'bicubic', 'area'];

/** For every output position along one axis: which inputs it sums, and their weights. */
export interface Taps {
  /** [size, stride] */
  readonly indices: Int32Array;
  /** 0 where an output needs fewer inputs than `stride`. [size, stride] */
  readonly weights: Float32Array;
  readonly stride: number;
  readonly size: number;
}

export interface TapsOptions {
  readonly mode: InterpolationMode;
  readonly antialias: boolean;
  readonly alignCorners: boolean;
  /** The factor that was asked for, where one was: PyTorch then steps by its inverse, and not by the ratio of the sizes. */
  readonly factor?: number;
  /** Whether sizes that are equal or doubled ignore `factor`: a shortcut that PyTorch's `nearest` takes for one channel alone. */
  readonly exactRatio: boolean;
}

/** The inputs and weights of one axis, in float32 as PyTorch computes them (aten/src/ATen/native/UpSample.h and cpu/UpSampleKernel.cpp, 1.13). */
export function makeTaps(inSize: number, outSize: number, options: TapsOptions): Taps {
  const { mode, antialias } = options;
  const scale = stepOf(inSize, outSize, options);
  if (mode === 'area') return areaTaps(inSize, outSize);
  if (mode === 'nearest' || mode === 'nearest-exact') return nearestTaps(inSize, outSize, scale, mode === 'nearest' ? 0 : 0.5);
  if (antialias) return antialiasedTaps(inSize, outSize, scale, mode);
  return mode === 'bilinear' ? linearTaps(inSize, outSize, scale, options) : cubicTaps(inSize, outSize, scale, options);
}

/** Input positions per output position. */
function stepOf(inSize: number, outSize: number, { alignCorners, factor, exactRatio }: TapsOptions): number {
  if (alignCorners) return outSize > 1 ? fround((inSize - 1) / (outSize - 1)) : 0;
  if (exactRatio && (outSize === inSize || outSize === 2 * inSize)) return inSize / outSize;
  return fround(factor === undefined ? inSize / outSize : 1 / factor);
}

/** @throws ImageError `IMAGE_TOO_LARGE` for more taps than a picture may have pixels. */
function emptyTaps(size: number, stride: number): Taps {
  checkPixelCount(stride, size, 'the table of weights');
  return { indices: new Int32Array(size * stride), weights: new Float32Array(size * stride), stride, size };
}

function nearestTaps(inSize: number, outSize: number, scale: number, offset: number): Taps {
  const taps = emptyTaps(outSize, 1);
  for (let i = 0; i < outSize; i++) taps.indices[i] = min(floor(fround((i + offset) * scale)), inSize - 1);
  taps.weights.fill(1);
  return taps;
}

/** Means over windows that cover the input, as `adaptive_avg_pool`. */
function areaTaps(inSize: number, outSize: number): Taps {
  const taps = emptyTaps(outSize, ceil(inSize / outSize) + 1);
  for (let i = 0; i < outSize; i++) {
    const start = floor((i * inSize) / outSize);
    const count = ceil(((i + 1) * inSize) / outSize) - start;
    for (let t = 0; t < count; t++) {
      taps.indices[i * taps.stride + t] = start + t;
      taps.weights[i * taps.stride + t] = 1 / count;
    }
  }
  return taps;
}

/**
 * The input position of output `i`, where pixels are squares (their centres at halves) or, with aligned corners, points. Not rounded to
 * float32: compiled with fused multiply-adds, PyTorch rounds only what is left of it when its whole part is taken off.
 */
function position(i: number, scale: number, alignCorners: boolean): number {
  return alignCorners ? scale * i : scale * (i + 0.5) - 0.5;
}

function linearTaps(inSize: number, outSize: number, scale: number, { alignCorners }: TapsOptions): Taps {
  const taps = emptyTaps(outSize, 2);
  for (let i = 0; i < outSize; i++) {
    // PyTorch copies where the sizes agree, whatever factor was asked for.
    const at = inSize === outSize ? i : max(0, position(i, scale, alignCorners));
    const below = min(floor(at), inSize - 1);
    const share = fround(at - below);
    taps.indices[2 * i] = below;
    taps.indices[2 * i + 1] = min(below + 1, inSize - 1);
    taps.weights[2 * i] = 1 - share;
    taps.weights[2 * i + 1] = share;
  }
  return taps;
}

/** Keys' cubic convolution with `a`, at a distance of x, each fused multiply-add rounded to float32: near 2 it cancels. */
function cubic(x: number, a: number): number {
  if (x < 1) return fround(fround(fround((a + 2) * x - (a + 3)) * x) * x + 1);
  if (x < 2) return fround(fround(fround(a * x - 5 * a) * x + 8 * a) * x - 4 * a);
  return 0;
}

function cubicTaps(inSize: number, outSize: number, scale: number, { alignCorners }: TapsOptions): Taps {
  const taps = emptyTaps(outSize, 4);
  for (let i = 0; i < outSize; i++) {
    const at = position(i, scale, alignCorners);
    const below = min(floor(at), inSize - 1);
    const share = fround(at - below);
    for (let t = 0; t < 4; t++) {
      taps.indices[4 * i + t] = max(0, min(below + t - 1, inSize - 1));
      taps.weights[4 * i + t] = cubic(fround(abs(share + 1 - t)), -0.75);
    }
  }
  return taps;
}

/** The kernel stretched by the scale when shrinking; its cubic has a = -0.5, Pillow's, unlike that of {@link cubicTaps}. */
function antialiasedTaps(inSize: number, outSize: number, scale: number, mode: 'bilinear' | 'bicubic'): Taps {
  const stretch = max(1, scale);
  const support = fround((mode === 'bilinear' ? 1 : 2) * stretch);
  const inverse = fround(1 / stretch);
  const taps = emptyTaps(outSize, min(ceil(support) * 2 + 1, inSize));
  const { indices, weights, stride } = taps;
  for (let i = 0; i < outSize; i++) {
    const center = fround(scale * (i + 0.5));
    const start = min(max(0, trunc(center - support + 0.5)), inSize - 1);
    const count = min(stride, min(inSize, trunc(center + support + 0.5)) - start);
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const x = abs(fround((t + start - center + 0.5) * inverse));
      const weight = mode === 'bilinear' ? max(0, 1 - x) : cubic(x, -0.5);
      indices[i * stride + t] = start + t;
      weights[i * stride + t] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let t = 0; t < count; t++) weights[i * stride + t] = weights[i * stride + t]! / sum;
  }
  return taps;
}

/** Replaces the middle axis of [outer, length, inner] by the sums that `taps` describe: [outer, taps.size, inner]. */
export function applyTaps(data: Float32Array, outer: number, length: number, inner: number, taps: Taps): Float32Array {
  const { indices, weights, stride, size } = taps;
  const out = new Float32Array(outer * size * inner);
  const sums = new Float64Array(inner);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let i = 0; i < size; i++, at += inner) {
      sums.fill(0);
      for (let k = i * stride; k < (i + 1) * stride; k++) {
        const weight = weights[k]!;
        if (weight === 0) continue;
        const from = (o * length + indices[k]!) * inner;
        for (let x = 0; x < inner; x++) sums[x] = sums[x]! + data[from + x]! * weight;
      }
      out.set(sums, at);
    }
  }
  return out;
}
