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

/** @throws AudioError AUDIO_SPECTROGRAM for what is no float32 tensor of two dimensions, or does not fit its own */
export function viewSpectrogram(spectrogram: TensorLike<'float32'>, layout: SpectrogramLayout = 'bins-first'): SpectrogramView {
  const { type, dims, data } = spectrogram ?? {};
  const whole = Array.isArray(dims) && dims.length === 2 && dims.every((side) => Number.isSafeInteger(side) && side >= 0);
  if (type !== 'float32' || !(data instanceof Float32Array) || !whole || data.length !== dims[0]! * dims[1]!) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `a spectrogram is ${shown(type)} [${shown(dims)}] with ${shown(data?.length)} values, but float32 of two dimensions was expected.`,
      fix: 'Pass one spectrogram, such as what logMel gives; of a batch, one item.',
    });
  }
  const [first, second] = [dims[0]!, dims[1]!];
  if (layout === 'bins-first') return { data, bins: first, frames: second, binStride: second, frameStride: 1 };
  if (layout === 'frames-first') return { data, bins: second, frames: first, binStride: 1, frameStride: second };
  throw new AudioError({
    code: 'AUDIO_OPTION',
    message: `layout is ${shown(layout)}, but 'bins-first' ([bins, frames]) or 'frames-first' ([frames, bins]) was expected.`,
  });
}
