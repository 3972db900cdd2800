import type { Image } from '@polymodal/modality-registry';
import { convert } from '../convert.js';
import { checkChoice, checkOptions, ImageError, shown } from '../errors.js';
import { allocatePixels, checkImage } from '../image.js';
import { interpolate } from '../interpolate/interpolate.js';
import { checkColor } from '../pad.js';

export interface HeatMapOptions {
  /** How much of the colour covers the picture, from 0 to 1; default 0.6. */
  readonly opacity?: number;
  /** The weights of the first and of the last colour; those beyond are cut off. Default: the least and the greatest weight. */
  readonly range?: readonly [low: number, high: number];
  /** `bilinear` (default) between the middles of the patches, or `nearest`, each patch in one colour. */
  readonly mode?: 'bilinear' | 'nearest';
  /** Two or more colours, RGB each, evenly spaced; default from black by purple, red and orange to light yellow. */
  readonly colors?: readonly (readonly number[])[];
}

const glow = [
  [0, 0, 0],
  [85, 15, 110],
  [190, 55, 85],
  [250, 140, 10],
  [255, 255, 165],
];

/**
 * Paints weights of patches, such as attention or gradients, over the picture that the patches were cut from. `weights` are row by row, as
 * many as `grid`, the [1, rows, columns] of patchify, has. → RGB
 *
 * @throws ImageError `IMAGE_TENSOR` for weights that are not finite or do not fit the grid; `IMAGE_DRAWING` for an option that cannot be
 *   meant; `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_COLOR`, `IMAGE_OPTIONS`.
 */
export function heatMap(
  image: Image,
  weights: ArrayLike<number>,
  grid: readonly [time: number, height: number, width: number],
  options: HeatMapOptions = {},
): Image {
  const { data, width, height } = checkImage(convert(image, 'rgb'));
  const { opacity = 0.6, mode = 'bilinear', colors = glow } = checkOptions(options);
  const values = checkWeights(weights, grid);
  const range: readonly number[] = options.range === undefined ? extremes(values) : options.range;
  const [low, high] = (Array.isArray(range) ? range : []) as [number, number];
  checkPainting(opacity, low, high, mode, colors);
  const spread = interpolate({ type: 'float32', dims: [grid[1], grid[2]], data: values }, { size: { height, width }, mode }); // [height, width]

  const ramp = rampOf(colors);
  const out = allocatePixels(width, height, 3);
  for (let i = 0, p = 0; p < out.length; i++, p += 3) {
    const share = high === low ? 0 : Math.min(1, Math.max(0, (spread.data[i]! - low) / (high - low)));
    const color = Math.round(share * 255) * 3;
    for (let c = 0; c < 3; c++) out[p + c] = Math.round(data[p + c]! * (1 - opacity) + ramp[color + c]! * opacity);
  }
  return { data: out, width, height, channels: 3 };
}

/** 256 colours between those given. [256, 3] */
function rampOf(colors: readonly (readonly number[])[]): Float64Array {
  const last = colors.length - 1;
  return Float64Array.from({ length: 256 * 3 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * last;
    const below = Math.min(Math.floor(at), last - 1);
    const from = colors[below]![i % 3]!;
    return from + (colors[below + 1]![i % 3]! - from) * (at - below);
  });
}

function extremes(values: Float32Array): readonly [number, number] {
  let low = values[0]!;
  let high = values[0]!;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function checkWeights(weights: ArrayLike<number>, grid: readonly [number, number, number]): Float32Array {
  const [time, rows, columns] = Array.isArray(grid) ? grid : [];
  const sides = [rows, columns].every((side) => Number.isSafeInteger(side) && side! > 0);
  if (time !== 1 || !sides || weights?.length !== rows! * columns!) {
    throw new ImageError({
      code: 'IMAGE_TENSOR',
      message: `there are ${shown(weights?.length)} weights for a grid of [${shown(grid)}], but rows × columns of a grid [1, rows, columns] were expected.`,
      fix: 'Leave out the weight of the class token, and pass the grid that patchify gave.',
    });
  }
  const values = Float32Array.from(weights);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return values;
  throw new ImageError({ code: 'IMAGE_TENSOR', message: `weight ${wrong} is ${shown(weights[wrong])}, but a finite number was expected.` });
}

function checkPainting(opacity: number, low: number, high: number, mode: string, colors: readonly (readonly number[])[]): void {
  const fail = (message: string) => new ImageError({ code: 'IMAGE_DRAWING', message });
  if (!(opacity >= 0 && opacity <= 1)) throw fail(`opacity is ${shown(opacity)}, but a number from 0 to 1 was expected.`);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw fail(`range is [${shown(low)}, ${shown(high)}], but two finite numbers in order were expected.`);
  }
  checkChoice('mode', mode, ['bilinear', 'nearest'], 'IMAGE_DRAWING');
  if (!Array.isArray(colors) || colors.length < 2) throw fail(`colors is ${shown(colors)}, but a list of at least 2 was expected.`);
  for (const color of colors) checkColor(color, 3);
}
