import { isDetached } from './detached.js';
import { AudioError, shown } from './errors.js';

/**
 * Mixes channels of equal length to one by their mean, summed in float64 and rounded once. A single channel is copied.
 *
 * @throws AudioError `AUDIO_CHANNELS` for no channels, or for channels of different lengths; `AUDIO_SIGNAL` where one was transferred away.
 */
export function mixDown(channels: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(checkChannels(channels));
  mixInto(channels, out);
  return out;
}

/** The mean of channels, which are at least as long as `out`. */
export function mixInto(channels: readonly Float32Array[], out: Float32Array): void {
  const { length: count } = channels;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let c = 0; c < count; c++) sum += channels[c]![i]!;
    out[i] = sum / count;
  }
}

/** The length of all channels. @throws AudioError `AUDIO_CHANNELS`, `AUDIO_SIGNAL` */
export function checkChannels(channels: unknown): number {
  const list: readonly unknown[] = Array.isArray(channels) ? channels : [];
  if (list.some((channel) => channel instanceof Float32Array && channel.length === 0 && isDetached(channel.buffer))) {
    throw new AudioError({
      code: 'AUDIO_SIGNAL',
      message: 'the samples are gone: their buffer was transferred to another thread.',
      fix: 'Transfer a copy, data.slice().',
    });
  }
  const lengths = list.map((channel) => (channel instanceof Float32Array ? channel.length : shown(channel)));
  const [length] = lengths;
  if (typeof length === 'number' && lengths.every((other) => other === length)) return length;
  throw new AudioError({
    code: 'AUDIO_CHANNELS',
    message: `channels are ${list.length ? `${list.length} of lengths ${shown(lengths.slice(0, 8).join(', '))}` : shown(channels)}, but one or more Float32Arrays of equal length were expected.`,
    fix: 'Pass one Float32Array for each channel: [left, right].',
  });
}
