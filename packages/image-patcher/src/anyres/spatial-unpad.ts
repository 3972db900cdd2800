import { checkChoice, checkOptions, ImageError } from '../errors.js';
import { checkSize } from '../image.js';
import { chooseResolution, llavaPinPoints, type PinPoints, type Size, tileGrid } from './choose-resolution.js';

export interface SpatialUnpadOptions {
  /**
   * Default LLaVA-1.6's, for tiles of 336, in the order of the code whose `rounding` is asked for: where two waste the same, the first is
   * taken, and Hugging Face has them in another order. To count what an imageProcessor cut, pass its `settings.tiles.pinPoints`.
   */
  readonly pinPoints?: PinPoints;
  /** Side of a tile in pixels; default 336. */
  readonly tileSize?: number;
  /** Side of a patch in pixels; default 14. */
  readonly patchSize?: number;
  /**
   * How the picture's side within the feature map is rounded down: `llava` (default) as the product of floating-point numbers comes out,
   * `hf` as Hugging Face corrects it, to what the exact product would give.
   */
  readonly rounding?: 'llava' | 'hf';
}

/** How a picture's tokens are laid out: the overview's, then rows of features of the tiles, each with one `image_newline` behind it. */
export interface SpatialUnpad {
  /** Tokens of the overview, which come first. */
  readonly overview: number;
  /** Rows of features that are left when the letterbox is cut off; one newline token for each. */
  readonly rows: number;
  /** Features in each row, its newline not counted. */
  readonly columns: number;
  /** Rows and columns that are cut off before them, of the stitched map of all tiles. */
  readonly top: number;
  readonly left: number;
  /** overview + rows × (columns + 1). */
  readonly total: number;
}

/** The same numbers, which Hugging Face reads as [height, width]. */
const hfPinPoints: PinPoints = /* @__PURE__ */ llavaPinPoints.map(([height, width]) => [width, height] as const);

/**
 * Counts the tokens of a picture in LLaVA-1.6's "spatial_unpad" layout: tiles are stitched to one map of features, the letterbox is cut
 * off, and each row gets a newline token (`unpad_image` in llava/model/llava_arch.py).
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_PIN_POINTS`, `IMAGE_PATCH_SIZE` where a tile is no multiple of a patch; `IMAGE_MODE`,
 *   `IMAGE_OPTIONS`.
 */
export function spatialUnpadCounts(size: Size, options: SpatialUnpadOptions = {}): SpatialUnpad {
  const { width, height } = checkOptions(size, '{ width, height }', 'size');
  const { tileSize = 336, patchSize = 14, rounding = 'llava' } = checkOptions(options);
  checkChoice('rounding', rounding, ['llava', 'hf']);
  const { pinPoints = rounding === 'hf' ? hfPinPoints : llavaPinPoints } = options;
  const grid = tileGrid(chooseResolution({ width, height }, pinPoints), tileSize);
  checkSize('patch size', patchSize);
  if (tileSize % patchSize !== 0) {
    throw new ImageError({
      code: 'IMAGE_PATCH_SIZE',
      message: `tiles of ${tileSize} pixels are no multiple of the patches of ${patchSize}.`,
    });
  }
  const side = tileSize / patchSize;
  const rows = grid.rows * side;
  const columns = grid.columns * side;
  const wide = width / height > columns / rows;
  // The picture touches two edges of the map; along the other axis the same border is cut off at both ends, which leaves an odd feature in.
  const top = wide ? border(rows, height, columns, width, rounding) : 0;
  const left = wide ? 0 : border(columns, width, rows, height, rounding);
  const kept = { rows: rows - 2 * top, columns: columns - 2 * left };
  return { overview: side * side, ...kept, top, left, total: side * side + kept.rows * (kept.columns + 1) };
}

function border(length: number, side: number, otherLength: number, otherSide: number, rounding: 'llava' | 'hf'): number {
  const inner = rounding === 'llava' ? Math.trunc(side * (otherLength / otherSide)) : Math.floor((side * otherLength) / otherSide);
  return Math.floor((length - inner) / 2);
}
