import { ImageError, shown } from '../errors.js';

const { floor, imul } = Math;

/** Draws of one step of one picture, each a pure function of the seed, the step and how many came before it. */
export interface Random {
  /** In [low, high), by 32 bits. */
  uniform(low: number, high: number): number;
  /** A whole number in [0, count). */
  integer(count: number): number;
}

/** A bijection of 32 bits that leaves no visible pattern (C. Wellons, "lowbias32"). */
function mix(value: number): number {
  let x = value;
  x = imul(x ^ (x >>> 16), 0x7feb352d);
  x = imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A counter-based generator: no state but a counter, and the same numbers in every engine.
 *
 * @throws ImageError `IMAGE_AUGMENT` unless the seed is a whole number from 0 to 2^53 - 1.
 */
export function createRandom(seed: number, step: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ImageError({ code: 'IMAGE_AUGMENT', message: `seed is ${shown(seed)}, but a whole number from 0 to 2^53 - 1 was expected.` });
  }
  const key = mix((mix((mix(seed >>> 0) + floor(seed / 2 ** 32)) | 0) + step) | 0);
  let counter = 0;
  const next = () => mix((mix((key + imul(counter++, 0x9e3779b9)) | 0) ^ key) | 0) / 2 ** 32;
  return {
    uniform: (low, high) => low + (high - low) * next(),
    integer: (count) => floor(count * next()),
  };
}
