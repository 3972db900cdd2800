import { ImageError, shown } from '../errors.js';
import type { Range } from './sample-rectangle.js';

/** @throws ImageError `IMAGE_AUGMENT` unless `value` is a probability. */
export function checkProbability(value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new ImageError({ code: 'IMAGE_AUGMENT', message: `probability is ${shown(value)}, but a number from 0 to 1 was expected.` });
}

/** @throws ImageError `IMAGE_AUGMENT` unless `pair` is two values. */
export function checkPair(name: string, pair: unknown): void {
  if (Array.isArray(pair) && pair.length === 2) return;
  throw new ImageError({ code: 'IMAGE_AUGMENT', message: `${name} is ${shown(pair)}, but [x, y] was expected.` });
}

/** @throws ImageError `IMAGE_AUGMENT` unless `range` is two finite numbers in order, from `least` to `most`. */
export function checkRange(name: string, range: Range, least: number, most = Number.MAX_VALUE): void {
  const fits = Array.isArray(range) && range.length === 2 && range.every((end) => Number.isFinite(end) && end >= least && end <= most);
  if (fits && range[0] <= range[1]) return;
  const within = most === Number.MAX_VALUE ? `from ${least}` : `from ${least} to ${most}`;
  throw new ImageError({ code: 'IMAGE_AUGMENT', message: `${name} is ${shown(range)}, but [low, high] ${within} was expected.` });
}

/** @throws ImageError `IMAGE_AUGMENT` unless `value` is a number from 0 to `most`. */
export function checkAmount(name: string, value: number, most = Number.MAX_VALUE): void {
  if (Number.isFinite(value) && value >= 0 && value <= most) return;
  const within = most === Number.MAX_VALUE ? 'from 0' : `from 0 to ${most}`;
  throw new ImageError({ code: 'IMAGE_AUGMENT', message: `${name} is ${shown(value)}, but a number ${within} was expected.` });
}
