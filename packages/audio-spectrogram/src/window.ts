import { checkChoice, checkFlag } from './choices.js';
import { exponential } from './engine/exponential.js';
import { logarithm } from './engine/logarithm.js';
import { AudioError, checkOptions, shown } from './errors.js';
import { cosine } from './fft/roots.js';

/** Windows without parameters; `rectangular` is ones. `povey` is Kaldi's: a Hann window to the power of 0.85. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'bartlett' | 'povey' | 'rectangular';

export interface WindowOptions {
  /** `true` (default) has the period `length`, for spectra; `false` is symmetric, as Kaldi's are and as filters need. */
  readonly periodic?: boolean;
}

const hann = (i: number, n: number) => 0.5 - 0.5 * cosine(i, n);

/** The rising halves: i of 0 … n / 2, where n is the period. */
const shapes: Readonly<Record<WindowName, (i: number, n: number) => number>> = {
  hann,
  hamming: (i, n) => 0.54 - 0.46 * cosine(i, n),
  blackman: (i, n) => 0.42 - 0.5 * cosine(i, n) + 0.08 * cosine(2 * i, n),
  bartlett: (i, n) => (2 * i) / n,
  // Raised to its power afterwards.
  povey: hann,
  rectangular: () => 1,
};

/**
 * A window of `length` samples in float64. torch, scipy and librosa round theirs of the same name to float32 or not; Kaldi's are symmetric.
 *
 * @throws AudioError AUDIO_OPTION for an unknown name or a `periodic` that is no boolean; AUDIO_FRAME for what is no whole number of samples
 */
export function windowFunction(name: WindowName, length: number, options: WindowOptions = {}): Float64Array {
  const { periodic = true } = checkOptions('windowFunction', options);
  checkChoice('window', name, Object.keys(shapes));
  checkFlag('periodic', periodic);
  if (!Number.isInteger(length) || length < 0 || length > MAX_LENGTH) {
    throw new AudioError({
      code: 'AUDIO_FRAME',
      message: `the window's length is ${shown(length)}, but a whole number of 0 to ${MAX_LENGTH} samples was expected.`,
    });
  }
  const period = periodic ? length : length - 1;
  const shape = shapes[name];
  // One sample has no shape: it counts whole.
  const window = Float64Array.from({ length }, (_, i) => (length === 1 ? 1 : shape(Math.min(i, period - i), period)));
  if (name !== 'povey') return window;
  const logOf = logarithm('e');
  return window.map((x) => exponential(0.85 * logOf(x)));
}

const MAX_LENGTH = 2 ** 20;
