import { createRandom, type Random } from '@polymodal/modality-registry';
import { ImageError, shown } from '../errors.js';

/** @throws ImageError `IMAGE_AUGMENT` unless the seed is a whole number from 0 to 2^53 - 1. */
export function seeded(seed: number): Random {
  if (Number.isSafeInteger(seed) && seed >= 0) return createRandom(seed);
  throw new ImageError({ code: 'IMAGE_AUGMENT', message: `seed is ${shown(seed)}, but a whole number from 0 to 2^53 - 1 was expected.` });
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}
