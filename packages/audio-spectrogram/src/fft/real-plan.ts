import { complexFft } from './complex-fft.js';
import { writeRoot } from './roots.js';

/** A transform of `length` real numbers; it holds work memory, so that calls of one plan must not overlap. */
export interface RealFft {
  readonly length: number;
  /** Frequencies 0 … length / 2: floor(length / 2) + 1. */
  readonly bins: number;
  /** X[k] = Σ x[j] exp(-2πi jk / length) for k < bins. */
  forward(input: Float32Array | Float64Array, re: Float64Array, im: Float64Array): void;
  /** The real signal whose transform is re + i·im: the imaginary parts of frequency 0 and of half the rate count for nothing, as in torch. */
  inverse(re: Float64Array, im: Float64Array, output: Float32Array | Float64Array): void;
}

/** The plan of `realFft`, which checks what this takes as it is. */
export function planRealFft(length: number): RealFft {
  return length % 2 ? oddFft(length) : evenFft(length);
}

/** Neighbours as one complex number: its transform Z holds those of even and odd samples, which one pass takes apart. */
function evenFft(length: number): RealFft {
  const half = length / 2;
  const fft = complexFft(half);
  const roots = halfRoots(length);
  const work = new Float64Array(length);
  return {
    length,
    bins: half + 1,
    forward(input, re, im) {
      // The halves of the sums below, exactly.
      for (let i = 0; i < length; i++) work[i] = 0.5 * input[i]!;
      const z = fft(work);
      for (let k = 0, h = half; k <= h; k++, h--) {
        const a = 2 * k;
        const b = 2 * (h === half ? 0 : h);
        const er = z[a]! + z[b]!;
        const ei = z[a + 1]! - z[b + 1]!;
        const or = z[a + 1]! + z[b + 1]!;
        const oi = z[b]! - z[a]!;
        const wr = roots[a]!;
        const wi = roots[a + 1]!;
        const tr = or * wr - oi * wi;
        const ti = or * wi + oi * wr;
        re[k] = er + tr;
        im[k] = ei + ti;
        re[h] = er - tr;
        im[h] = ti - ei;
      }
    },
    inverse(re, im, output) {
      for (let k = 0, h = half; k <= h; k++, h--) {
        const ai = k === 0 ? 0 : im[k]!;
        const bi = k === 0 ? 0 : im[h]!;
        const er = re[k]! + re[h]!;
        const ei = ai - bi;
        const dr = re[k]! - re[h]!;
        const di = ai + bi;
        const wr = roots[2 * k]!;
        const wi = roots[2 * k + 1]!;
        // i · conj(w) · d
        const tr = dr * wi - di * wr;
        const ti = dr * wr + di * wi;
        // Conjugates, so that the same transform goes back.
        work[2 * k] = er + tr;
        work[2 * k + 1] = -(ei + ti);
        if (h < half) {
          work[2 * h] = er - tr;
          work[2 * h + 1] = ei - ti;
        }
      }
      const z = fft(work);
      for (let i = 0; i < length; i += 2) {
        output[i] = z[i]! / length;
        output[i + 1] = -z[i + 1]! / length;
      }
    },
  };
}

/** exp(-2πi k / length) for k ≤ length / 4, re and im in turn. */
export function halfRoots(length: number): Float64Array {
  const count = Math.floor(length / 4) + 1;
  const roots = new Float64Array(2 * count);
  for (let k = 0; k < count; k++) writeRoot(roots, 2 * k, -k, length);
  return roots;
}

function oddFft(length: number): RealFft {
  const bins = (length + 1) / 2;
  const fft = complexFft(length);
  const work = new Float64Array(2 * length);
  return {
    length,
    bins,
    forward(input, re, im) {
      for (let i = 0; i < length; i++) {
        work[2 * i] = input[i]!;
        work[2 * i + 1] = 0;
      }
      const z = fft(work);
      for (let k = 0; k < bins; k++) {
        re[k] = z[2 * k]!;
        im[k] = z[2 * k + 1]!;
      }
    },
    inverse(re, im, output) {
      work[0] = re[0]!;
      work[1] = 0;
      for (let k = 1; k < bins; k++) {
        const h = length - k;
        work[2 * k] = work[2 * h] = re[k]!;
        work[2 * k + 1] = -im[k]!;
        work[2 * h + 1] = im[k]!;
      }
      const z = fft(work);
      for (let i = 0; i < length; i++) output[i] = z[2 * i]! / length;
    },
  };
}
