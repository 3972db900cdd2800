import { planRealFft } from '../fft/real-plan.js';
import { logarithm } from './logarithm.js';
import type { FrameEngine, Recipe } from './recipe.js';

/** The recipe in TypeScript, frame by frame: the reference of the kernel, and what runs where that cannot. */
export function plainEngine({ fftLength, hop, window, power, filters, log }: Recipe): FrameEngine {
  const fft = planRealFft(fftLength);
  const frame = new Float64Array(fftLength);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  const bins = filters ? filters.count : fft.bins;
  const values = filters ? new Float64Array(bins) : re;
  const floor = log?.floor ?? 0;
  const logOf = log && logarithm(log.base);
  return {
    bins,
    run(samples, start, frames, out, outOffset, outStride) {
      for (let i = 0; i < frames; i++) {
        const first = start + i * hop;
        for (let j = 0; j < fftLength; j++) frame[j] = samples[first + j]! * window[j]!;
        fft.forward(frame, re, im);
        for (let k = 0; k < re.length; k++) {
          const square = re[k]! * re[k]! + im[k]! * im[k]!;
          re[k] = power === 2 ? square : Math.sqrt(square);
        }
        if (filters) {
          const { starts, lengths, weights } = filters;
          for (let f = 0, w = 0; f < bins; f++) {
            let sum = 0;
            for (let k = starts[f]!, end = k + lengths[f]!; k < end; k++, w++) sum += re[k]! * weights[w]!;
            values[f] = sum;
          }
        }
        for (let b = 0, o = outOffset + i; b < bins; b++, o += outStride) {
          const value = values[b]!;
          out[o] = logOf ? logOf(log.how === 'max' ? Math.max(value, floor) : value + floor) : value;
        }
      }
    },
  };
}
