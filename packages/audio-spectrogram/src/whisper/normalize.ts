import type { TensorLike } from '@polymodal/modality-registry';
import { largest } from '../spectrogram/largest.js';

/**
 * Whisper's last step: log10 values, raised to at least 8 below the largest, and (x + 4) / 4 of them.
 *
 * @param maximum the largest log10 value of the whole; default that of what is given
 */
export function normalizeWhisper(logMel: TensorLike<'float32'>, maximum?: number): TensorLike<'float32'> {
  const data = logMel.data.slice();
  normalizeInPlace(data, maximum);
  return { ...logMel, data };
}

export function normalizeInPlace(values: Float32Array, maximum = largest(values)): void {
  const { fround, max } = Math;
  const lowest = fround(maximum - 8);
  for (let i = 0; i < values.length; i++) values[i] = (max(values[i]!, lowest) + 4) / 4;
}
