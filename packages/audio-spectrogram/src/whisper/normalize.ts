import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, optionError, shown } from '../errors.js';
import { largest } from '../spectrogram/largest.js';

/**
 * Whisper's last step: log10 values, raised to at least 8 below the largest, and (x + 4) / 4 of them.
 *
 * @param logMel log10 values of any shape, such as {@link whisperStream} gives with `normalize: 'none'`
 * @param maximum the largest log10 value of the whole; default that of what is given
 * @throws AudioError AUDIO_SPECTROGRAM for what is no float32 tensor, AUDIO_OPTION for a maximum that is no finite number
 */
export function normalizeWhisper(logMel: TensorLike<'float32'>, maximum?: number): TensorLike<'float32'> {
  const { dims, data: given } = logMel ?? {};
  if (!(given instanceof Float32Array && Array.isArray(dims) && dims.reduce((size, side) => size * side, 1) === given.length)) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `the log-mel spectrogram is [${shown(dims)}] with ${shown(given?.length)} values, but a float32 tensor was expected.`,
      fix: "Pass what whisperStream gives with normalize: 'none', or joinFrames of it.",
    });
  }
  if (maximum !== undefined && !Number.isFinite(maximum)) throw optionError('maximum', maximum, 'a finite number');
  const data = given.slice();
  normalizeInPlace(data, maximum);
  return { type: 'float32', dims: [...dims], data };
}

export function normalizeInPlace(values: Float32Array, maximum = largest(values)): void {
  const { fround, max } = Math;
  const lowest = fround(maximum - 8);
  for (let i = 0; i < values.length; i++) values[i] = (max(values[i]!, lowest) + 4) / 4;
}
