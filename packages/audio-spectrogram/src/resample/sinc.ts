import { besselTable } from './bessel.js';
import { type Filter, tapsWithin } from './filter.js';
import type { Ratio } from './ratio.js';

export interface SincOptions {
  /** Zero crossings of the sinc to each side. */
  readonly lowpassFilterWidth: number;
  /** The cutoff, as a fraction of the lower rate's Nyquist frequency. */
  readonly rolloff: number;
  /** The Kaiser window's; undefined for a Hann window. */
  readonly beta: number | undefined;
  /** What weights are computed in. */
  readonly precision: 'float32' | 'float64';
}

/** The weight that the sample `i` has in the output `phase`, both counted from the begin of a period. */
type Weight = (phase: number, i: number) => number;

const { fround, sin, cos, sqrt, floor, min, max, PI } = Math;

/**
 * The windowed sinc of torchaudio.functional.resample (torchaudio 0.13.1; Smith, "Digital Audio Resampling Home Page"). Engines' sines differ in
 * their last bits, which float32 hides.
 */
export function sincFilter(ratio: Ratio, options: SincOptions): Filter {
  const { step, phases } = ratio;
  const cutoff = min(step, phases) * options.rolloff;
  const { before, taps } = tapsWithin((options.lowpassFilterWidth * step) / cutoff);
  const weight = (options.precision === 'float32' ? weightInFloat32 : weightInFloat64)(ratio, cutoff, options);
  return {
    step,
    phases,
    before,
    taps,
    weigh(phase, row, at) {
      const first = floor((phase * step) / phases) - before;
      for (let k = 0; k < taps; k++) row[at + k] = weight(phase, first + k);
    },
  };
}

/** As torchaudio's weights for a float64 waveform; torch keeps beta in float32 all the same. */
function weightInFloat64({ step, phases }: Ratio, cutoff: number, { lowpassFilterWidth: width, beta }: SincOptions): Weight {
  const shape = fround(beta ?? 0);
  const besselI0 = besselTable(shape);
  const peak = fround(besselI0(shape));
  const scale = cutoff / step;
  return (phase, i) => {
    // Counted in zero crossings.
    const time = max(-width, min(width, (i / step - phase / phases) * cutoff));
    const window = beta === undefined ? cos((time * PI) / width / 2) ** 2 : besselI0(shape * sqrt(1 - (time / width) ** 2)) / peak;
    return (time === 0 ? 1 : sin(time * PI) / (time * PI)) * window * scale;
  };
}

/**
 * As torchaudio's weights for a float32 waveform: the same steps in the same order, each rounded. Times are then no better than float32, which
 * moves weights by 2e-6 for 441:160 and by 2e-4 for 4411:16000.
 */
function weightInFloat32(ratio: Ratio, exactCutoff: number, { lowpassFilterWidth: width, beta }: SincOptions): Weight {
  const [step, phases, cutoff, pi] = [fround(ratio.step), fround(ratio.phases), fround(exactCutoff), fround(PI)];
  const scale = fround(exactCutoff / ratio.step);
  const shape = fround(beta ?? 0);
  const besselI0 = besselTable(shape);
  const peak = fround(besselI0(shape));
  const windowAt = (time: number): number => {
    if (beta === undefined) {
      const cosine = fround(cos(fround(fround(time * pi) / width) / 2));
      return fround(cosine * cosine);
    }
    const part = fround(time / width);
    return fround(fround(besselI0(fround(shape * fround(sqrt(fround(1 - fround(part * part))))))) / peak);
  };
  return (phase, i) => {
    const offset = fround(fround(-phase / phases) + fround(fround(i) / step));
    const time = max(-width, min(width, fround(offset * cutoff)));
    const angle = fround(time * pi);
    const sinc = angle === 0 ? 1 : fround(fround(sin(angle)) / angle);
    return sinc * fround(windowAt(time) * scale);
  };
}
