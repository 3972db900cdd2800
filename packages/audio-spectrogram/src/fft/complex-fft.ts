import { bluestein } from './bluestein.js';
import { passes } from './passes.js';
import { planStages, radicesOf } from './stages.js';

/**
 * A discrete Fourier transform of a fixed number of complex numbers, re and im in turn, in float64. It works in `data` and gives the array
 * that holds the result: `data` or its own memory, to be read before the next call.
 */
export type ComplexFft = (data: Float64Array) => Float64Array;

/** X[k] = Σ x[j] exp(-2πi jk / length) in O(length log length), whatever the length's factors. */
export function complexFft(length: number): ComplexFft {
  const radices = radicesOf(length);
  return radices ? stockham(length, radices) : bluestein(length, complexFft);
}

function stockham(length: number, radices: readonly number[]): ComplexFft {
  const { stages, twiddles } = planStages(radices);
  const own = new Float64Array(2 * length);
  return (data) => {
    let from = data;
    let to: Float64Array = own;
    for (const { radix, m, s, at } of stages) {
      passes[radix]!(from, to, m, s, twiddles, at);
      [from, to] = [to, from];
    }
    return from;
  };
}
