import { checkOptions, ImageError, shown } from '../errors.js';
import { checkSize } from '../image.js';

/** The sides of a picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sizes to choose from, [width, height] each as LLaVA writes them; Hugging Face's `image_grid_pinpoints` are [height, width]. */
export type PinPoints = readonly (readonly [width: number, height: number])[];

/** LLaVA-1.6's, for tiles of 336. */
export const llavaPinPoints: PinPoints = [
  [336, 672],
  [672, 336],
  [672, 672],
  [1008, 336],
  [336, 1008],
];

/**
 * The size that keeps most of a picture's pixels when the picture is scaled to fit into it; of equals the one that wastes least, of those
 * the first (LLaVA-1.6; `select_best_resolution` in llava/mm_utils.py).
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_PIN_POINTS` for a list that is empty or holds anything but pairs of positive integers;
 *   `IMAGE_OPTIONS`.
 */
export function chooseResolution(size: Size, pinPoints: PinPoints = llavaPinPoints): Size {
  const { width, height } = checkOptions(size, '{ width, height }', 'size');
  checkSize('image width', width);
  checkSize('image height', height);
  checkPinPoints(pinPoints);
  let best: Size = { width: pinPoints[0]![0], height: pinPoints[0]![1] };
  let mostKept = 0;
  let leastWasted = Number.POSITIVE_INFINITY;
  for (const [w, h] of pinPoints) {
    const scale = Math.min(w / width, h / height);
    const kept = Math.min(Math.trunc(width * scale) * Math.trunc(height * scale), width * height);
    const wasted = w * h - kept;
    if (kept > mostKept || (kept === mostKept && wasted < leastWasted)) {
      best = { width: w, height: h };
      mostKept = kept;
      leastWasted = wasted;
    }
  }
  return best;
}

function checkPinPoints(pinPoints: PinPoints): void {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((side) => Number.isSafeInteger(side) && side > 0);
  if (Array.isArray(pinPoints) && pinPoints.length > 0 && pinPoints.every(isPair)) return;
  throw new ImageError({
    code: 'IMAGE_PIN_POINTS',
    message: `pin points are ${shown(JSON.stringify(pinPoints))}, but a list of [width, height] in pixels was expected.`,
  });
}

/** How many tiles of `tileSize` a resolution has. @throws ImageError `IMAGE_PIN_POINTS` where its sides are no multiples. */
export function tileGrid({ width, height }: Size, tileSize: number): { readonly rows: number; readonly columns: number } {
  checkSize('tile size', tileSize);
  if (width % tileSize === 0 && height % tileSize === 0) return { rows: height / tileSize, columns: width / tileSize };
  throw new ImageError({
    code: 'IMAGE_PIN_POINTS',
    message: `pin point ${width}×${height} has sides that are no multiples of the tiles of ${tileSize}.`,
    fix: 'Pass the pin points and the tile size of one model.',
  });
}
