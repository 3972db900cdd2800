import type { TensorLike } from '@polymodal/modality-registry';
import { checkChoice, checkNames } from '../choices.js';
import { checkOptions, optionError } from '../errors.js';
import { cosine } from '../fft/roots.js';
import { viewSpectrogram } from '../spectrogram-tensor.js';

export interface DctOptions {
  /** How many coefficients, from the lowest on; default as many as there are bins. */
  readonly coefficients?: number;
  /** `ortho` (default) makes the whole transform a rotation; null leaves 2 Σ x cos(…). */
  readonly norm?: 'ortho' | null;
}

/**
 * The discrete cosine transform of type II along the bins of [bins, frames] → [coefficients, frames], as scipy's `dct` and torchaudio's `create_dct`.
 *
 * @throws AudioError AUDIO_OPTION for a number of coefficients or a norm that there cannot be; AUDIO_SPECTROGRAM
 */
export function dct(spectrogram: TensorLike<'float32'>, options: DctOptions = {}): TensorLike<'float32'> {
  const { data, bins, frames } = viewSpectrogram(spectrogram);
  const { coefficients = bins, norm = 'ortho' } = checkOptions('dct', options);
  checkNames('dct', options, ['coefficients', 'norm']);
  if (!Number.isInteger(coefficients) || coefficients < 1 || coefficients > bins) {
    throw optionError('coefficients', coefficients, `an integer from 1 to ${bins}, the number of bins,`);
  }
  checkChoice('norm', norm, ['ortho', null]);
  const out = new Float32Array(coefficients * frames); // [coefficients, frames]
  const sums = new Float64Array(frames);
  for (let k = 0; k < coefficients; k++) {
    const scale = norm === null ? 2 : Math.sqrt((k === 0 ? 1 : 2) / bins);
    sums.fill(0);
    for (let bin = 0; bin < bins; bin++) {
      const weight = scale * cosine((2 * bin + 1) * k, 4 * bins);
      for (let i = 0, from = bin * frames; i < frames; i++) sums[i]! += weight * data[from + i]!;
    }
    out.set(sums, k * frames);
  }
  return { type: 'float32', dims: [coefficients, frames], data: out };
}
