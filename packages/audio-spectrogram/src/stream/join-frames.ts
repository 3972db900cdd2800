import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError } from '../errors.js';
import { viewSpectrogram } from '../spectrogram-tensor.js';

/** Puts [bins, frames] of the same bins one behind the other. @throws AudioError AUDIO_SPECTROGRAM for no parts, or of different bins */
export function joinFrames(parts: readonly TensorLike<'float32'>[]): TensorLike<'float32'> {
  const views = parts.map((part) => viewSpectrogram(part));
  const heights = [...new Set(views.map(({ bins }) => bins))];
  const [bins] = heights;
  if (bins === undefined || heights.length > 1) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `parts have ${heights.join(' and ') || 'no'} bins, but equally many were expected.`,
    });
  }
  const total = views.reduce((sum, { frames }) => sum + frames, 0);
  const data = new Float32Array(bins * total); // [bins, frames of all]
  let at = 0;
  for (const view of views) {
    for (let bin = 0; bin < bins; bin++) data.set(view.data.subarray(bin * view.frames, (bin + 1) * view.frames), bin * total + at);
    at += view.frames;
  }
  return { type: 'float32', dims: [bins, total], data };
}
