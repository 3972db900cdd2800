import type { Image, TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { checkOptions } from '../errors.js';
import { levelsOf, type SpectrogramPictureOptions } from './levels.js';

/**
 * A spectrogram as a picture: one pixel per bin and frame, time to the right, low frequencies at the bottom. RGB, `bins` high and `frames`
 * wide; `resize` and `encodePng` of `@polymodal/image-patcher` take it from there, `spectrogramSvg` adds axes.
 *
 * @throws AudioError AUDIO_SPECTROGRAM where there is nothing to draw, AUDIO_TOO_LARGE where too much; AUDIO_OPTION
 */
export function spectrogramImage(spectrogram: TensorLike<'float32'>, options: SpectrogramPictureOptions = {}): Image {
  checkNames('spectrogramImage', checkOptions('spectrogramImage', options), ['range', 'colors', 'layout']);
  const { indices, width, height, palette } = levelsOf(spectrogram, options);
  const data = new Uint8Array(indices.length * 3); // [bins, frames, 3]
  for (let i = 0, p = 0; i < indices.length; i++, p += 3) {
    const color = indices[i]! * 3;
    data[p] = palette[color]!;
    data[p + 1] = palette[color + 1]!;
    data[p + 2] = palette[color + 2]!;
  }
  return { data, width, height, channels: 3 };
}
