import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, shown } from './errors.js';

/** Where the frequencies of a spectrogram lie: [bins, frames], as Whisper, torch and librosa lay them out, or [frames, bins], as Kaldi does. */
export type SpectrogramLayout = 'bins-first' | 'frames-first';

/** A spectrogram of any layout, read by strides: the value of bin b and frame i is data[b × binStride + i × frameStride]. */
export interface SpectrogramView {
  readonly data: Float32Array;
  readonly bins: number;
  readonly frames: number;
  readonly binStride: number;
  readonly frameStride: number;
}

/**
 * A tensor of two dimensions, or of a batch of one, as processors give it.
 *
 * @throws AudioError AUDIO_SPECTROGRAM for what is no such float32 tensor, or does not fit its own dimensions; AUDIO_OPTION for a layout that there is not
 */
export function viewSpectrogram(spectrogram: TensorLike<'float32'>, layout: SpectrogramLayout = 'bins-first'): SpectrogramView {
  const { type, dims, data } = spectrogram ?? {};
  const sides: readonly number[] = Array.isArray(dims) ? (dims.length === 3 && dims[0] === 1 ? dims.slice(1) : dims) : [];
  const whole = sides.length === 2 && sides.every((side) => Number.isSafeInteger(side) && side >= 0);
  const [first = 0, second = 0] = sides;
  if (type !== 'float32' || !(data instanceof Float32Array) || !whole || data.length !== first * second) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `a spectrogram is ${shown(type)} [${shown(dims)}] with ${shown(data?.length)} values, but float32 of two dimensions, or [1, …] of three, was expected.`,
      fix: 'Pass one spectrogram, such as what logMel gives; of a batch, one item.',
    });
  }
  checkLayout(layout);
  if (layout === 'bins-first') return { data, bins: first, frames: second, binStride: second, frameStride: 1 };
  return { data, bins: second, frames: first, binStride: 1, frameStride: second };
}

/** @throws AudioError AUDIO_OPTION for a layout that there is not */
export function checkLayout(layout: SpectrogramLayout): void {
  if (layout === 'bins-first' || layout === 'frames-first') return;
  throw new AudioError({
    code: 'AUDIO_OPTION',
    message: `layout is ${shown(layout)}, but 'bins-first' ([bins, frames]) or 'frames-first' ([frames, bins]) was expected.`,
  });
}
