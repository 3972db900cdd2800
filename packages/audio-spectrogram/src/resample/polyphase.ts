import { besselI0 } from './bessel.js';
import { type Filter, tapsWithin } from './filter.js';
import type { Ratio } from './ratio.js';

const { fround, sin, sqrt, floor, abs, max, PI } = Math;

/** Taps to each side of the centre, in units of the higher rate's samples per sample of the lower. */
const HALF = 10;

/**
 * The filter of scipy.signal.resample_poly (SciPy 1.10.1): a sinc of `2 · 10 · max(step, phases) + 1` taps under a symmetric Kaiser window, of
 * gain 1 at 0 Hz, in float32, as it is for float32 samples.
 */
export function polyphaseFilter(ratio: Ratio, beta: number): Filter {
  const { step, phases } = ratio;
  const higher = max(step, phases);
  const half = HALF * higher;
  const peak = besselI0(beta);
  // [half + 1], from the centre outwards: both sides are the same.
  const side = new Float64Array(half + 1);
  for (let m = 0; m <= half; m++) {
    const angle = (PI * m) / higher;
    const sinc = m === 0 ? 1 : sin(angle) / angle;
    side[m] = (sinc * besselI0(beta * sqrt(1 - (m / half) ** 2))) / peak;
  }
  let sum = 0;
  for (let m = half; m > 0; m--) sum += 2 * side[m]!;
  sum += side[0]!;
  const weights = Float32Array.from(side, (weight) => fround(weight / sum) * phases);
  const { before, taps } = tapsWithin(half / phases);
  return {
    step,
    phases,
    before,
    taps,
    weigh(phase, row, at) {
      const first = floor((phase * step) / phases) - before;
      for (let k = 0; k < taps; k++) {
        const m = abs(phase * step - (first + k) * phases);
        row[at + k] = m <= half ? weights[m]! : 0;
      }
    },
  };
}
