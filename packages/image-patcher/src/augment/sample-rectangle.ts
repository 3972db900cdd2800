import type { Random } from '@polymodal/modality-registry';
import { roundHalfToEven } from '../crop.js';
import type { Rectangle } from '../resize.js';
import { between } from './draw.js';
import { exp, log } from './elementary.js';

const { sqrt } = Math;

/** A range that is drawn from. */
export type Range = readonly [low: number, high: number];

/**
 * A rectangle inside a picture whose share of the area is drawn evenly from `scale` and whose width ÷ height is drawn evenly, by its
 * logarithm, from `ratio`; none where ten draws do not fit (torchvision's `get_params`).
 */
export function sampleRectangle(
  { width, height }: { readonly width: number; readonly height: number },
  scale: Range,
  ratio: Range,
  random: Random,
): Rectangle | undefined {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * between(random, ...scale);
    const aspect = exp(between(random, log(ratio[0]), log(ratio[1])));
    const w = roundHalfToEven(sqrt(area * aspect));
    const h = roundHalfToEven(sqrt(area / aspect));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { top: random.integer(height - h + 1), left: random.integer(width - w + 1), width: w, height: h };
  }
  return undefined;
}

/** The largest rectangle in the middle of a picture whose width ÷ height lies within `ratio`. */
export function centralRectangle({ width, height }: { readonly width: number; readonly height: number }, ratio: Range): Rectangle {
  const aspect = width / height;
  const w = aspect > ratio[1] ? Math.max(1, roundHalfToEven(height * ratio[1])) : width;
  const h = aspect < ratio[0] ? Math.max(1, roundHalfToEven(width / ratio[0])) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
