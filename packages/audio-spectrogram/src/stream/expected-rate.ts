import { AudioError } from '../errors.js';
import { checkRate, rateOf, type Signal } from '../signal.js';

/** The rate of a signal, which must be the expected one where there are both. @throws AudioError AUDIO_SAMPLE_RATE */
export function expectedRate(signal: Signal, expected: number | undefined): number {
  return signal instanceof Float32Array ? checkRate(expected) : sameRate(rateOf(signal), expected);
}

/** The rate, which must be the expected one if there is one. @throws AudioError AUDIO_SAMPLE_RATE */
export function sameRate(rate: number, expected: number | undefined): number {
  if (expected === undefined || rate === expected) return rate;
  throw new AudioError({
    code: 'AUDIO_SAMPLE_RATE',
    message: `the sound has ${rate} Hz, but ${expected} Hz were expected.`,
    fix: `Call resample(audio, ${expected}) first.`,
  });
}
