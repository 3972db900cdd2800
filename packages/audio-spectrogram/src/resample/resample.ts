import type { Audio } from '@polymodal/modality-registry';
import { rateOf, samplesOf } from '../signal.js';
import { allocate, convolver } from './convolve.js';
import type { Filter } from './filter.js';
import type { LoadedKernel } from './kernel.js';
import { planOf, type ResampleOptions } from './options.js';
import { resampledLength } from './ratio.js';

/**
 * The sound at another rate, ⌈length · rate / sampleRate⌉ samples: by torchaudio.functional.resample's windowed sinc, or with
 * `method: 'polyphase'` by scipy.signal.resample_poly. At its own rate it comes back with the same array.
 *
 * @throws AudioError AUDIO_SAMPLE_RATE, AUDIO_OPTION; AUDIO_SIGNAL and AUDIO_NOT_FINITE for bad samples; AUDIO_TOO_LARGE
 */
export function resample(audio: Audio, rate: number, options: ResampleOptions = {}): Audio {
  const plan = planOf(rateOf(audio), rate, options);
  if (!plan) return { data: samplesOf(audio, options), sampleRate: rate };
  return { data: resampleWith(audio, plan.filter, plan.padValue, options), sampleRate: rate };
}

/** {@link resample} with a filter, and with a kernel or without one, null. */
export function resampleWith(
  audio: Audio,
  filter: Filter,
  padValue: number,
  options: ResampleOptions,
  kernel?: LoadedKernel | null,
): Float32Array {
  const { convolve, checks } = convolver(filter, kernel);
  // The kernel looks for bad samples as it goes, since another pass over all costs half as much as the sums.
  const seen = checks && audio.data instanceof Float32Array && audio.data.length > 0;
  const data = seen ? audio.data : samplesOf(audio, options);
  const out = allocate(resampledLength(filter, data.length));
  const loud = convolve(sourceOf(data, padValue), 0, out.length, out, 0);
  if (!seen || !loud) return out;
  const checked = samplesOf(audio, options);
  if (checked !== data) convolve(sourceOf(checked, padValue), 0, out.length, out, 0);
  return out;
}

/** Samples with `padValue` before and after them. */
function sourceOf(data: Float32Array, padValue: number) {
  return (from: number, target: Float32Array): void => {
    const before = Math.min(target.length, Math.max(0, -from));
    const begin = from + before;
    const part = data.subarray(Math.min(begin, data.length), from + target.length);
    target.fill(padValue, 0, before);
    target.set(part, before);
    target.fill(padValue, before + part.length);
  };
}
