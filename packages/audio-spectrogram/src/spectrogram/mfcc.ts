import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import type { Signal } from '../signal.js';
import { dct } from './dct.js';
import type { LogScale } from './log-scale.js';
import { logMel } from './mel-spectrogram.js';
import type { MelSpectrogramOptions } from './options.js';

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
  const { coefficients = 20, log = { scale: 'dB' }, dctNorm = 'ortho', lifter = 0, ...mel } = options;
  if (!(lifter >= 0 && lifter < Number.POSITIVE_INFINITY)) {
    throw new AudioError({ code: 'AUDIO_OPTION', message: `lifter is ${shown(lifter)}, but a number of 0 or more was expected.` });
  }
  const cepstra = dct(logMel(signal, { ...mel, log }), { coefficients, norm: dctNorm });
  if (lifter === 0) return cepstra;
  const frames = cepstra.dims[1]!;
  const weight = (n: number) => 1 + (lifter / 2) * Math.sin((Math.PI * (n + 1)) / lifter);
  return { ...cepstra, data: cepstra.data.map((value, i) => value * weight(Math.floor(i / frames))) };
}
