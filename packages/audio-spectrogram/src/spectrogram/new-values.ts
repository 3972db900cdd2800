import { AudioError } from '../errors.js';

/** The most values that come out at once: 2 GiB of them. */
const MOST_VALUES = 2 ** 29;

/** Room for [bins, frames]. @throws AudioError AUDIO_TOO_LONG */
export function newValues(bins: number, frames: number): Float32Array {
  if (bins * frames <= MOST_VALUES) return new Float32Array(bins * frames);
  throw new AudioError({
    code: 'AUDIO_TOO_LONG',
    message: `${frames} frames of ${bins} values are more than the 2^29 values that come out at once.`,
    fix: 'Take a longer hop, or stream the signal.',
  });
}
