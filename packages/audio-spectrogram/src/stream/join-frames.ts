import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, checkOptions, shown } from '../errors.js';
import { newValues } from '../spectrogram/new-values.js';
import { type SpectrogramLayout, viewSpectrogram } from '../spectrogram-tensor.js';

export interface JoinFramesOptions {
  /** `bins-first` (default): [bins, frames], as mel and Whisper streams give; `frames-first`: [frames, width], as Kaldi's give. */
  readonly layout?: SpectrogramLayout;
}

/**
 * Puts the frames of parts, equally many values each, one behind the other: [bins, frames of all], or [frames of all, width] with `frames-first`.
 *
 * @throws AudioError AUDIO_SPECTROGRAM for no parts, or of different bins; AUDIO_OPTION for `layout`; AUDIO_TOO_LARGE
 */
export function joinFrames(parts: readonly TensorLike<'float32'>[], options: JoinFramesOptions = {}): TensorLike<'float32'> {
  const { layout = 'bins-first' } = checkOptions('joinFrames', options);
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `parts is ${parts?.length === 0 ? 'empty' : shown(parts)}, but an array of one or more spectrograms was expected.`,
    });
  }
  const views = parts.map((part) => viewSpectrogram(part, layout));
  const { bins } = views[0]!;
  const other = views.findIndex((view) => view.bins !== bins);
  if (other > 0) {
    const [first, second] = [parts[0]!, parts[other]!].map(({ dims }) => `[${dims.join(', ')}]`);
    const [expected, opposite] = layout === 'bins-first' ? ['[bins, frames]', 'frames-first'] : ['[frames, bins]', 'bins-first'];
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `parts[${other}] is ${second}, but parts[0] is ${first}: equally many bins were expected of ${expected}.`,
      fix: `Pass { layout: '${opposite}' } where frames are the other dimension: Kaldi's streams give [frames, bins], the others [bins, frames].`,
    });
  }
  const total = views.reduce((sum, { frames }) => sum + frames, 0);
  const data = newValues(bins, total); // [bins, total], or [total, bins]
  const byFrames = layout === 'frames-first';
  let at = 0;
  for (const view of views) {
    if (byFrames) data.set(view.data, at * bins);
    else for (let bin = 0; bin < bins; bin++) data.set(view.data.subarray(bin * view.frames, (bin + 1) * view.frames), bin * total + at);
    at += view.frames;
  }
  return { type: 'float32', dims: byFrames ? [total, bins] : [bins, total], data };
}
