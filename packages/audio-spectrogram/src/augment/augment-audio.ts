import { type Audio, createRandom, type Random } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import { rateOf, samplesOf } from '../signal.js';

/** One step: a sound and the draws that are its own → a sound. The given sound is never modified. */
export type AudioAugmentation = (audio: Audio, random: Random) => Audio;

/**
 * Puts steps together to a pure function of a sound and a seed: the same bytes for the same seed, in every engine, whatever was augmented
 * before. Every step draws from a stream of its own, so that changing one leaves the others' draws as they are.
 *
 * @throws AudioError AUDIO_OPTION for steps that are no functions, or for a seed that is no whole number from 0; as every function does,
 *   AUDIO_SIGNAL, AUDIO_NOT_FINITE, AUDIO_SAMPLE_RATE
 */
export function augmentAudio(...steps: readonly AudioAugmentation[]): (audio: Audio, seed: number) => Audio {
  for (const step of steps) {
    if (typeof step === 'function') continue;
    throw new AudioError({ code: 'AUDIO_OPTION', message: `a step is ${shown(step)}, but a function such as randomGain() was expected.` });
  }
  return (audio, seed) => {
    samplesOf(audio);
    rateOf(audio);
    const random = seeded(seed);
    return steps.reduce((current, step, i) => step(current, random.fork(i)), audio);
  };
}

/** @throws AudioError AUDIO_OPTION for a seed that is no whole number from 0 */
export function seeded(seed: number): Random {
  if (Number.isSafeInteger(seed) && seed >= 0) return createRandom(seed);
  throw new AudioError({ code: 'AUDIO_OPTION', message: `seed is ${shown(seed)}, but a whole number from 0 to 2^53 - 1 was expected.` });
}
