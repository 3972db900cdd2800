import type { TensorLike } from '@polymodal/modality-registry';
import { optionError } from '../errors.js';
import { sine } from '../fft/roots.js';
import type { Signal } from '../signal.js';
import { dct } from './dct.js';
import type { LogScale } from './log-scale.js';
import { logMel } from './mel-spectrogram.js';
import { checkMelOptions, type MelSpectrogramOptions, melNames } from './options.js';

/** The defaults are those of librosa's `mfcc`; torchaudio's `MFCC` has 40 coefficients of {@link torchaudioMel}, and `log_mels` is `{ scale: 'ln', add: 1e-6 }`. */
export interface MfccOptions extends MelSpectrogramOptions {
  /** How many, from the lowest on; default 20. */
  readonly coefficients?: number;
  /** Default decibels with `topDb` 80. */
  readonly log?: LogScale;
  /** Norm of the cosine transform; default `ortho`. */
  readonly dctNorm?: 'ortho' | null;
  /** Weighs coefficient n (from 1) by 1 + lifter / 2 · sin(π n / lifter); default 0, not at all. */
  readonly lifter?: number;
}

/**
 * Mel-frequency cepstral coefficients, [coefficients, frames]: the cosine transform of a log-mel spectrogram.
 *
 * @throws AudioError AUDIO_OPTION; otherwise as {@link logMel}
 */
export function mfcc(signal: Signal, options: MfccOptions = {}): TensorLike<'float32'> {
  const {
    coefficients = 20,
    log = { scale: 'dB' },
    dctNorm = 'ortho',
    lifter = 0,
    ...mel
  } = checkMelOptions('mfcc', options, [...melNames, 'coefficients', 'dctNorm', 'lifter']);
  if (!(lifter >= 0 && lifter <= Number.MAX_SAFE_INTEGER)) {
    throw optionError('lifter', lifter, 'a number of 0 to 2^53');
  }
  const cepstra = dct(logMel(signal, { ...mel, log }), { coefficients, norm: dctNorm });
  if (lifter === 0) return cepstra;
  const frames = cepstra.dims[1]!;
  const weights = Float64Array.from({ length: coefficients }, (_, n) => 1 + (lifter / 2) * sine(n + 1, 2 * lifter));
  return { ...cepstra, data: cepstra.data.map((value, i) => value * weights[Math.floor(i / frames)]!) };
}
