import type { Image } from '@polymodal/modality-registry';
import { crop } from '../crop.js';
import { checkOptions } from '../errors.js';
import type { Filter } from '../filters.js';
import { checkImage } from '../image.js';
import { pad } from '../pad.js';
import { type ResizeOptions, resize } from '../resize.js';
import { chooseResolution, type PinPoints, type Size, tileGrid } from './choose-resolution.js';

export interface AnyresOptions {
  /** Default LLaVA-1.6's, for tiles of 336. */
  readonly pinPoints?: PinPoints;
  /** Side of a tile and of the overview; default 336. */
  readonly tileSize?: number;
  /** Default `bicubic`. */
  readonly filter?: Filter;
}

/** A picture as LLaVA-1.6 looks at it: once as a whole, and once in tiles, all of one size. */
export interface AnyresTiles {
  /** The whole picture, squashed to a square. */
  readonly overview: Image;
  /** The letterboxed picture cut up, row by row. [rows × columns] */
  readonly tiles: readonly Image[];
  readonly rows: number;
  readonly columns: number;
}

/**
 * Cuts a picture into tiles of one size and an overview (LLaVA-1.6, "AnyRes"; `process_anyres_image` in llava/mm_utils.py): the pin point
 * that fits best is chosen, the picture scaled into it with black around, and that cut up.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_PIN_POINTS`, `IMAGE_FILTER`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function anyresTiles(image: Image, options: AnyresOptions = {}): AnyresTiles {
  return anyresTilesWith(resize, image, checkOptions(options));
}

/** {@link anyresTiles} with the resizer given, which may keep tables. */
export function anyresTilesWith(
  resizer: (image: Image, options: ResizeOptions) => Image,
  image: Image,
  { pinPoints, tileSize = 336, filter = 'bicubic' }: AnyresOptions,
): AnyresTiles {
  const { width, height } = checkImage(image);
  const resolution = chooseResolution({ width, height }, pinPoints);
  const { rows, columns } = tileGrid(resolution, tileSize);
  const inner = letterboxSize({ width, height }, resolution);
  const left = Math.floor((resolution.width - inner.width) / 2);
  const top = Math.floor((resolution.height - inner.height) / 2);
  const canvas = pad(resizer(image, { ...inner, filter }), {
    left,
    top,
    right: resolution.width - inner.width - left,
    bottom: resolution.height - inner.height - top,
  });
  const tiles = Array.from({ length: rows * columns }, (_, i) => {
    const column = i % columns;
    return crop(canvas, { left: column * tileSize, top: ((i - column) / columns) * tileSize, width: tileSize, height: tileSize });
  });
  return { overview: resizer(image, { width: tileSize, height: tileSize, filter }), tiles, rows, columns };
}

/** The largest size of a picture's shape that fits: one side is the resolution's, the other rounded up. */
function letterboxSize({ width, height }: Size, resolution: Size): Size {
  const scaleX = resolution.width / width;
  const scaleY = resolution.height / height;
  if (scaleX < scaleY) return { width: resolution.width, height: Math.min(Math.ceil(height * scaleX), resolution.height) };
  return { width: Math.min(Math.ceil(width * scaleY), resolution.width), height: resolution.height };
}
