import type { TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions, shown } from '../errors.js';
import { type SpectrogramLayout, viewSpectrogram } from '../spectrogram-tensor.js';

/** One number for both, or one each. */
export type PerDirection = number | { readonly frequency: number; readonly time: number };

export interface SpectrogramPatchOptions {
  /** Bins and frames of a patch; default 16. */
  readonly patchSize?: PerDirection;
  /** From one patch to the next; default 10, so that patches overlap (AST). */
  readonly stride?: PerDirection;
  /** Default `bins-first`. */
  readonly layout?: SpectrogramLayout;
}

export interface SpectrogramPatches {
  /** [1, rows × columns, patch bins × patch frames] */
  readonly values: TensorLike<'float32'>;
  /** [1, rows along frequency, columns along time] */
  readonly grid: readonly [time: 1, height: number, width: number];
}

/** More values than this are refused: small strides multiply a spectrogram. */
const MAX_VALUES = 2 ** 28;

/**
 * Cuts a spectrogram into patches, overlapping or not, as the Audio Spectrogram Transformer does (Gong et al. 2021, arXiv 2104.01778):
 * patches row by row from the lowest frequency, values in the order of a convolution's weights, [frequency, time]. What does not fill a
 * patch at the upper and the late end is left out, as a convolution without padding leaves it. 128 bins and 1,024 frames give 12 × 101.
 *
 * @throws AudioError AUDIO_SPECTROGRAM for no spectrogram or one smaller than a patch; AUDIO_TOO_LARGE; AUDIO_OPTION for sizes that are no positive integers
 */
export function spectrogramPatches(spectrogram: TensorLike<'float32'>, options: SpectrogramPatchOptions = {}): SpectrogramPatches {
  checkNames('spectrogramPatches', checkOptions('spectrogramPatches', options), ['patchSize', 'stride', 'layout']);
  const { patch, stride } = patchSides(options);
  const { data, bins, frames, binStride, frameStride } = viewSpectrogram(spectrogram, options.layout);
  const rows = Math.floor((bins - patch.frequency) / stride.frequency) + 1;
  const columns = Math.floor((frames - patch.time) / stride.time) + 1;
  if (rows < 1 || columns < 1) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `the spectrogram has ${bins} bins and ${frames} frames, but a patch takes ${patch.frequency} and ${patch.time}.`,
      fix: 'Pad the sound with silence, or take smaller patches.',
    });
  }
  const area = patch.frequency * patch.time;
  const total = rows * columns * area;
  if (total > MAX_VALUES) {
    throw new AudioError({
      code: 'AUDIO_TOO_LARGE',
      message: `${rows} × ${columns} patches of ${area} values are more than ${MAX_VALUES}.`,
      fix: 'Cut the sound into parts, or take a larger stride.',
    });
  }
  const values = new Float32Array(total); // [rows, columns, patch bins, patch frames]
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const corner = row * stride.frequency * binStride + column * stride.time * frameStride;
      for (let f = 0; f < patch.frequency; f++) {
        for (let t = 0; t < patch.time; t++) values[at++] = data[corner + f * binStride + t * frameStride]!;
      }
    }
  }
  return { values: { type: 'float32', dims: [1, rows * columns, area], data: values }, grid: [1, rows, columns] };
}

/** @throws AudioError AUDIO_OPTION for sizes that are no positive integers */
export function patchSides({ patchSize = 16, stride = 10 }: SpectrogramPatchOptions) {
  return { patch: perDirection('patchSize', patchSize), stride: perDirection('stride', stride) };
}

function perDirection(name: string, value: PerDirection): { readonly frequency: number; readonly time: number } {
  const sides = typeof value === 'number' ? { frequency: value, time: value } : value;
  if ([sides?.frequency, sides?.time].every((side) => Number.isSafeInteger(side) && side! > 0)) return sides;
  const given = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  throw new AudioError({
    code: 'AUDIO_OPTION',
    message: `${name} is ${shown(given)}, but a positive integer, or { frequency, time } of them, was expected.`,
  });
}
