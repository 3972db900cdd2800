import { AudioError } from '../errors.js';

/** The most values that come out at once: 2 GiB of them. */
const MOST_VALUES = 2 ** 29;

/** Room for [bins, frames]. @throws AudioError AUDIO_TOO_LARGE */
export function newValues(bins: number, frames: number): Float32Array {
  if (bins * frames <= MOST_VALUES) return new Float32Array(bins * frames);
  throw new AudioError({
    code: 'AUDIO_TOO_LARGE',
    message: `${frames} frames of ${bins} values were asked for, but at most 2^29 values come out at once.`,
    fix: 'Give less at once: shorter sounds, less padding, or smaller chunks to a stream.',
  });
}
