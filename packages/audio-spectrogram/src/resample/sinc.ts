import { besselI0 } from './bessel.js';
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

const { fround, sin, cos, sqrt, floor, min, max, PI } = Math;
const exact = (x: number): number => x;

/**
 * The windowed sinc of torchaudio.functional.resample (torchaudio 0.13.1; Smith, "Digital Audio Resampling Home Page"). In float32 it takes
 * the same steps, each rounded, as torch does for a float32 waveform: the time of a tap is then only as good as float32, which moves
 * weights by 2e-6 for 441:160 and by 2e-4 for 4411:16000.
 */
export function sincFilter(ratio: Ratio, { lowpassFilterWidth: width, rolloff, beta, precision }: SincOptions): Filter {
  const { step, phases } = ratio;
  const round = precision === 'float32' ? fround : exact;
  const cutoff = min(step, phases) * rolloff;
  const { before, taps } = tapsWithin((width * step) / cutoff);
  const [roundedStep, roundedPhases, roundedCutoff, pi, scale] = [step, phases, cutoff, PI, cutoff / step].map(round) as [
    number,
    number,
    number,
    number,
    number,
  ];
  // torch keeps beta in float32 whatever the waveform is in.
  const shape = beta === undefined ? 0 : fround(beta);
  const peak = fround(besselI0(shape));

  /** `time` is counted in zero crossings. */
  const windowAt = (time: number): number => {
    if (beta === undefined) {
      const cosine = round(cos(round(round(time * pi) / width) / 2));
      return round(cosine * cosine);
    }
    const part = round(time / width);
    return round(round(besselI0(round(shape * round(sqrt(round(1 - round(part * part))))))) / peak);
  };
  return {
    step,
    phases,
    before,
    taps,
    weigh(phase, row, at) {
      const first = floor((phase * step) / phases) - before;
      const shift = round(-phase / roundedPhases);
      for (let k = 0; k < taps; k++) {
        const offset = round(shift + round(round(first + k) / roundedStep));
        const time = max(-width, min(width, round(offset * roundedCutoff)));
        const angle = round(time * pi);
        const sinc = angle === 0 ? 1 : round(round(sin(angle)) / angle);
        row[at + k] = sinc * round(windowAt(time) * scale);
      }
    },
  };
}
