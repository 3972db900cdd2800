import { AudioError, shown } from '../errors.js';
import { planRealFft, type RealFft } from './real-plan.js';

/** Longer transforms than sounds are analysed with: tables and work of the longest take about 200 MB. */
const MAX_LENGTH = 2 ** 20;

/**
 * Plans the discrete Fourier transform of `length` real numbers in float64, for any length: no padding to a power of two. Even lengths are
 * done as half as many complex numbers, lengths with a prime factor above 5 by Bluestein's algorithm, which takes 5 to 10 times as long.
 *
 * @throws AudioError AUDIO_FRAME for what is no whole number of 1 … 2^20, and of the plan's methods for arrays of other lengths
 */
export function realFft(length: number): RealFft {
  checkFftLength(length);
  const plan = planRealFft(length);
  const { bins } = plan;
  const check = (samples: number, ...parts: number[]) => {
    if (samples === length && parts.every((part) => part === bins)) return;
    throw new AudioError({
      code: 'AUDIO_FRAME',
      message: `${samples} samples and ${parts.join(' and ')} frequencies were given, but ${length} and ${bins} each were expected.`,
      fix: `Pass subarrays of these lengths, or plan realFft(${samples}).`,
    });
  };
  return {
    length,
    bins,
    forward(input, re, im) {
      check(input.length, re.length, im.length);
      plan.forward(input, re, im);
    },
    inverse(re, im, output) {
      check(output.length, re.length, im.length);
      plan.inverse(re, im, output);
    },
  };
}

/** @throws AudioError AUDIO_FRAME for what is no whole number of 1 … 2^20 */
export function checkFftLength(length: number): void {
  if (Number.isInteger(length) && length >= 1 && length <= MAX_LENGTH) return;
  throw new AudioError({
    code: 'AUDIO_FRAME',
    message: `the length of a transform is ${shown(length)}, but a whole number of 1 to ${MAX_LENGTH} was expected.`,
    fix: 'Pass the number of samples in a window, such as 400.',
  });
}
