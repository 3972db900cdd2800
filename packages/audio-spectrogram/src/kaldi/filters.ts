import type { SparseFilters } from '../engine/recipe.js';
import { type KaldiSettings, wrong } from './options.js';

type Band = Pick<KaldiSettings, 'numMelBins' | 'padded' | 'sampleFrequency' | 'lowFreq' | 'highFreq' | 'vtlnLow' | 'vtlnHigh' | 'vtlnWarp'>;

/**
 * Kaldi's mel filters: triangles in mels (1127 ln(1 + f / 700)) over all bins of the spectrum but the last, which Kaldi leaves out. They are
 * rounded to float32 after each operation, as Kaldi's and torchaudio's are: a filter that only grazes a bin has a weight of few digits, whose
 * logarithm would show.
 *
 * @throws AudioError AUDIO_MEL for frequencies that are not in order
 */
export function kaldiFilters({ numMelBins: count, padded, sampleFrequency, vtlnWarp, ...band }: Band): SparseFilters {
  const { fround, log, min } = Math;
  const nyquist = sampleFrequency / 2;
  const low = band.lowFreq;
  const high = band.highFreq <= 0 ? band.highFreq + nyquist : band.highFreq;
  if (!(low >= 0 && low < high && high <= nyquist)) {
    throw wrong('AUDIO_MEL', `lowFreq ${low} and highFreq ${high}`, `0 <= lowFreq < highFreq <= ${nyquist}, half the sample rate,`);
  }
  const warp = vtlnWarp === 1 ? (mel: number) => mel : vtln(low, high, nyquist, vtlnWarp, band);
  const mel = (hertz: number) => fround(1127 * fround(log(fround(1 + fround(hertz / 700)))));
  const lowMel = 1127 * log(1 + low / 700);
  const step = fround((1127 * log(1 + high / 700) - lowMel) / (count + 1));
  const point = (i: number) => warp(fround(fround(lowMel) + fround(i * step)), mel);
  const binHz = fround(sampleFrequency / padded);
  const places = Float32Array.from({ length: padded / 2 }, (_, bin) => mel(fround(binHz * bin)));

  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  const weights: number[] = [];
  for (let i = 0; i < count; i++) {
    const [left, centre, right] = [point(i), point(i + 1), point(i + 2)];
    const start = firstAbove(places, min(left, centre));
    let bin = start;
    // A warp may bring the points out of order: the right one before the centre.
    for (; bin < places.length && (places[bin]! < right || (vtlnWarp !== 1 && places[bin]! <= centre)); bin++) {
      const place = places[bin]!;
      const up = fround(place - left) / fround(centre - left);
      const down = fround(right - place) / fround(right - centre);
      weights.push(fround(vtlnWarp === 1 ? min(up, down) : place <= centre ? up : down));
    }
    starts[i] = start;
    lengths[i] = bin - start;
  }
  return { count, starts, lengths, weights: Float64Array.from(weights) };
}

/** The first of ascending values that is above a limit, or their number. */
function firstAbove(values: Float32Array, limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Kaldi's vocal tract length normalisation: hertz are divided by the factor in the middle, and straight lines lead to the ends of the band. */
function vtln(low: number, high: number, nyquist: number, factor: number, { vtlnLow, vtlnHigh }: Pick<Band, 'vtlnLow' | 'vtlnHigh'>) {
  const { exp, fround, max, min } = Math;
  const upper = vtlnHigh < 0 ? vtlnHigh + nyquist : vtlnHigh;
  const lowBend = vtlnLow * max(1, factor);
  const highBend = upper * min(1, factor);
  if (!(factor > 0 && low < vtlnLow && vtlnLow < upper && upper < high && lowBend < high && highBend > low)) {
    throw wrong('AUDIO_MEL', `vtlnWarp ${factor} from vtlnLow ${vtlnLow} to vtlnHigh ${upper}`, 'lowFreq < vtlnLow < vtlnHigh < highFreq');
  }
  const leftSlope = (lowBend / factor - low) / (lowBend - low);
  const rightSlope = (high - highBend / factor) / (high - highBend);
  const warped = (hertz: number) => {
    if (hertz < low || hertz > high) return hertz;
    if (hertz < lowBend) return low + leftSlope * (hertz - low);
    return hertz < highBend ? hertz / factor : high + rightSlope * (hertz - high);
  };
  return (mel: number, toMel: (hertz: number) => number) =>
    toMel(fround(warped(fround(700 * fround(fround(exp(fround(mel / 1127))) - 1)))));
}
