import { AudioError, shown } from './errors.js';
import { cosine } from './fft/roots.js';

/** Windows without parameters; `rectangular` is ones. `povey` is Kaldi's: a Hann window to the power of 0.85. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'bartlett' | 'povey' | 'rectangular';

export interface WindowOptions {
  /** `true` (default) has the period `length`, for spectra; `false` is symmetric, as Kaldi's are and as filters need. */
  readonly periodic?: boolean;
}

/** The rising halves: i of 0 … n / 2, where n is the period. */
const shapes: Readonly<Record<WindowName, (i: number, n: number) => number>> = {
  hann: (i, n) => 0.5 - 0.5 * cosine(i, n),
  hamming: (i, n) => 0.54 - 0.46 * cosine(i, n),
  blackman: (i, n) => 0.42 - 0.5 * cosine(i, n) + 0.08 * cosine(2 * i, n),
  bartlett: (i, n) => (2 * i) / n,
  povey: (i, n) => (0.5 - 0.5 * cosine(i, n)) ** 0.85,
  rectangular: () => 1,
};

/**
 * A window of `length` samples in float64. torch, scipy and librosa round theirs of the same name to float32 or not; Kaldi's are symmetric.
 *
 * @throws AudioError AUDIO_WINDOW for an unknown name or what is no whole number of samples
 */
export function windowFunction(name: WindowName, length: number, { periodic = true }: WindowOptions = {}): Float64Array {
  if (!Object.hasOwn(shapes, name)) {
    throw new AudioError({
      code: 'AUDIO_WINDOW',
      message: `the window is ${shown(name)}, but one of ${Object.keys(shapes).join(', ')} was expected.`,
      fix: 'Pass a name, or make your own window: stft takes any Float64Array.',
    });
  }
  if (!Number.isInteger(length) || length < 0 || length > MAX_LENGTH) {
    throw new AudioError({
      code: 'AUDIO_WINDOW',
      message: `the window's length is ${shown(length)}, but a whole number of 0 to ${MAX_LENGTH} samples was expected.`,
    });
  }
  const period = periodic ? length : length - 1;
  const shape = shapes[name];
  // One sample has no shape: it counts whole.
  return Float64Array.from({ length }, (_, i) => (length === 1 ? 1 : shape(Math.min(i, period - i), period)));
}

const MAX_LENGTH = 2 ** 20;
