import type { TensorLike } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError } from '../errors.js';
import { checkSize, MAX_PIXELS } from '../image.js';
import type { PerAxis } from '../interpolate/interpolate.js';
import { applyTaps, makeTaps, type TapsOptions } from '../interpolate/taps.js';
import { floatsOf } from '../tensor.js';
import { checkExtraTokens } from './sin-cos.js';

/**
 * Whose way of resizing a table of positions: `bicubic` is Hugging Face's ViT and MAE; `bicubic-antialias` timm and open_clip; `dino` the
 * original DINO, which adds 0.1 to the target; `google` the original ViT, linear between the corners (`scipy.ndimage.zoom`, order 1).
 */
export type PositionMethod = 'bicubic' | 'bicubic-antialias' | 'dino' | 'google';

export interface InterpolatePositionsOptions {
  /** The grid that the table was trained for. Default: the square that the table holds. */
  readonly from?: PerAxis;
  /** The grid that is wanted, in patches. */
  readonly to: PerAxis;
  /** How many rows come before the grid's and are kept as they are: 1 for a class token (default 0). */
  readonly extraTokens?: number;
  /** Default `bicubic`. */
  readonly method?: PositionMethod;
}

const methods: Readonly<Record<PositionMethod, Omit<TapsOptions, 'factor' | 'exactRatio'>>> = {
  bicubic: { mode: 'bicubic', antialias: false, alignCorners: false },
  'bicubic-antialias': { mode: 'bicubic', antialias: true, alignCorners: false },
  dino: { mode: 'bicubic', antialias: false, alignCorners: false },
  google: { mode: 'bilinear', antialias: false, alignCorners: true },
};

/**
 * Resizes a table of learned positions, [tokens, width] or [1, tokens, width], to another grid of patches, sparing its extra tokens
 * (Dosovitskiy et al. 2020, arXiv 2010.11929, section 3.2). A table that fits already is copied, whatever the method.
 *
 * @throws ImageError `IMAGE_TENSOR` for a table of another shape or one that is not `from` plus `extraTokens`; `IMAGE_DIMENSIONS`,
 *   `IMAGE_FILTER` for an unknown method, `IMAGE_OPTIONS`, `IMAGE_TOO_LARGE`.
 */
export function interpolatePositions(table: TensorLike, options: InterpolatePositionsOptions): TensorLike<'float32'> {
  const { extraTokens = 0, method = 'bicubic' } = checkOptions(options, '{ to }');
  checkExtraTokens(extraTokens);
  checkChoice('method', method, Object.keys(methods), 'IMAGE_FILTER');
  const how = methods[method];
  const { data, leading, tokens, width } = checkTableTensor(table);
  const from = bothSides(options.from ?? Math.sqrt(tokens - extraTokens));
  if (from.height * from.width !== tokens - extraTokens || !Number.isSafeInteger(from.height)) throw wrongGrid(tokens, extraTokens, from);
  const to = bothSides(options.to);
  checkSize('target height', to.height);
  checkSize('target width', to.width);
  const length = extraTokens + to.height * to.width;
  if (Math.max(from.height, to.height) * to.width * width > MAX_PIXELS) {
    throw new ImageError({
      code: 'IMAGE_TOO_LARGE',
      message: `the table would have ${length} × ${width} values, but at most ${MAX_PIXELS} are made.`,
    });
  }
  const result = (values: Float32Array) => ({ type: 'float32' as const, dims: [...leading, length, width], data: values });
  if (from.height === to.height && from.width === to.width) return result(data.slice());

  const taps = (inSize: number, outSize: number) =>
    makeTaps(inSize, outSize, { ...how, exactRatio: false, ...(method === 'dino' && { factor: (outSize + 0.1) / inSize }) });
  const grid = data.subarray(extraTokens * width); // [height, width, vector]
  const across = applyTaps(grid, from.height, from.width, width, taps(from.width, to.width)); // [height, width', vector]
  const resized = applyTaps(across, 1, from.height, to.width * width, taps(from.height, to.height)); // [height', width', vector]
  const out = new Float32Array(length * width);
  out.set(data.subarray(0, extraTokens * width));
  out.set(resized, extraTokens * width);
  return result(out);
}

const bothSides = (value: PerAxis) => (typeof value === 'object' && value !== null ? value : { height: value, width: value });

function checkTableTensor(table: TensorLike) {
  const { dims, data, given } = floatsOf(table);
  const [tokens = 0, width = 0] = dims.slice(-2);
  const ranked = dims.length === 2 || (dims.length === 3 && dims[0] === 1);
  if (ranked && data.length > 0) return { data, leading: dims.slice(0, -2), tokens, width };
  throw new ImageError({
    code: 'IMAGE_TENSOR',
    message: `table is ${given}, but float32 [tokens, width] or [1, tokens, width] was expected.`,
  });
}

function wrongGrid(tokens: number, extraTokens: number, from: { readonly height: number; readonly width: number }): ImageError {
  const square = Number.isSafeInteger(from.height) && Number.isSafeInteger(from.width);
  return new ImageError({
    code: 'IMAGE_TENSOR',
    message: `table has ${tokens} tokens, ${extraTokens} of them extra, but ${square ? `a grid of ${from.height}×${from.width} needs ${from.height * from.width} more` : 'what is left is no square'}.`,
    fix: 'Pass the number of class and register tokens as extraTokens, and from where the grid is no square.',
  });
}
