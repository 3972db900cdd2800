import type { Image, Random } from '@polymodal/modality-registry';
import { ImageError, shown } from '../errors.js';
import { checkImage } from '../image.js';
import { seeded } from './draw.js';

/**
 * One step: a picture and the draws that are its own → a picture. The given picture is never modified; where nothing is drawn, it is given
 * back itself, not copied.
 */
export type Augmentation = (image: Image, random: Random) => Image;

/**
 * Puts steps together to a pure function of a picture and a seed: the same bytes for the same seed, in every engine, whatever was augmented
 * before. Every step draws from a stream of its own, so that changing one leaves the others' draws as they are.
 *
 * @throws ImageError `IMAGE_AUGMENT` for steps that are no functions, or for a seed that is no whole number from 0.
 */
export function augment(...steps: readonly Augmentation[]): (image: Image, seed: number) => Image {
  for (const step of steps) {
    if (typeof step === 'function') continue;
    throw new ImageError({
      code: 'IMAGE_AUGMENT',
      message: `a step is ${shown(step)}, but a function such as horizontalFlip() was expected.`,
    });
  }
  return (image, seed) => {
    checkImage(image);
    const random = seeded(seed);
    return steps.reduce((current, step, i) => step(current, random.fork(i)), image);
  };
}
