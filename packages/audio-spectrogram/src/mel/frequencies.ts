import { checkChoice } from '../choices.js';
import { AudioError, checkOptions, shown } from '../errors.js';
import { checkFftLength } from '../fft/real-fft.js';
import { checkRate } from '../signal.js';
import type { MelBandOptions } from './filters.js';
import { melScales } from './scale.js';
import { melCorners } from './triangles.js';

export interface MelFrequencyOptions extends Pick<MelBandOptions, 'mels' | 'minHz' | 'maxHz' | 'scale'> {
  readonly sampleRate: number;
}

/**
 * The middle frequency of each mel in hertz, rising: for axes, as of `spectrogramSvg`. The defaults are those of `melFilters`, and Whisper's.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE; AUDIO_MEL for a number of mels or a band that there cannot be; AUDIO_OPTION for an unknown scale
 */
export function melFrequencies(options: MelFrequencyOptions): Float64Array {
  const { mels = 128, minHz = 0, maxHz, scale = 'slaney', sampleRate } = checkOptions('melFrequencies', options);
  checkChoice('scale', scale, melScales);
  const highest = maxHz ?? checkRate(sampleRate) / 2;
  if (!(Number.isSafeInteger(mels) && mels > 0 && mels <= 2 ** 16 && minHz >= 0 && highest > minHz && Number.isFinite(highest))) {
    throw new AudioError({
      code: 'AUDIO_MEL',
      message: `${shown(mels)} mels from ${shown(minHz)} to ${shown(highest)} Hz were asked for, but at least one within rising frequencies was expected.`,
    });
  }
  return melCorners(mels, minHz, highest, scale).subarray(1, mels + 1);
}

/**
 * The frequency of each bin of a spectrum in hertz: ⌊fftLength / 2⌋ + 1 of them, from 0.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE; AUDIO_FRAME for a length that there cannot be
 */
export function fftFrequencies(options: { readonly fftLength: number; readonly sampleRate: number }): Float64Array {
  const { fftLength, sampleRate } = checkOptions('fftFrequencies', options);
  checkRate(sampleRate);
  checkFftLength(fftLength);
  return Float64Array.from({ length: (fftLength >> 1) + 1 }, (_, bin) => (bin * sampleRate) / fftLength);
}
