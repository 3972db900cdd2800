import type { ContinuousTokens, TensorLike, Tokens } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError, shown } from './errors.js';
import { floatsOf } from './tensor.js';

export interface PatchOptions {
  /** Side of a patch in pixels, or both its sides. */
  readonly patchSize: number | { readonly height: number; readonly width: number };
  /**
   * Order of values within a patch. `chw` (default): channel by channel, as the weights of a patch convolution (ViT, CLIP, `F.unfold`);
   * `hwc`: pixel by pixel with channels last, as MAE's `patchify` and Flax's kernels.
   */
  readonly order?: 'chw' | 'hwc';
}

/** Patches of pictures, row by row: `values` is [batch, length, width], `grid` is [1, rows, columns] with length = rows × columns. */
export interface Patches extends ContinuousTokens {
  readonly values: TensorLike<'float32'>;
  readonly grid: readonly [time: 1, height: number, width: number];
}

/**
 * Cuts pictures, [channels, height, width] or [batch, channels, height, width], into patches that do not overlap (Dosovitskiy et al. 2020,
 * arXiv 2010.11929, section 3.1).
 *
 * @throws ImageError `IMAGE_PATCH_SIZE` where the sides are no multiples of the patch's; `IMAGE_TENSOR` for another type or shape.
 */
export function patchify(pixels: TensorLike, options: PatchOptions): Patches {
  const { data, batch, channels, height, width } = checkPixels(pixels);
  const patch = checkPatchOptions(options);
  if (height % patch.height !== 0 || width % patch.width !== 0) {
    throw new ImageError({
      code: 'IMAGE_PATCH_SIZE',
      message: `the picture is ${width}×${height}, but patches of ${patch.width}×${patch.height} need sides that are multiples of these.`,
      fix: 'Resize, crop or pad the picture first.',
    });
  }
  const grid = [1, height / patch.height, width / patch.width] as const;
  const out = new Float32Array(data.length); // [batch, rows × columns, channels × patch height × patch width]
  forEachRun({ batch, channels, grid, patch, order: options.order ?? 'chw' }, (picture, patches, length, step) => {
    for (let i = 0; i < length; i++) out[patches + i * step] = data[picture + i]!;
  });
  const dims = [batch, grid[1] * grid[2], channels * patch.height * patch.width];
  return { values: { type: 'float32', dims, data: out }, grid };
}

/**
 * Puts patches together again: the inverse of {@link patchify} with the same options. → [batch, channels, height, width]
 *
 * @throws ImageError `IMAGE_TENSOR` for tokens that are no patches, have no grid, or do not fit theirs; `IMAGE_PATCH_SIZE`.
 */
export function unpatchify(tokens: Tokens, options: PatchOptions): TensorLike<'float32'> {
  const patch = checkPatchOptions(options);
  const { data, batch, length, width } = checkPatches(tokens);
  const { grid } = tokens;
  if (!(Array.isArray(grid) && grid.every(isCount)) || grid[0] !== 1 || grid[1] * grid[2] !== length) {
    throw new ImageError({
      code: 'IMAGE_TENSOR',
      message: `grid is ${shown(grid)}, but [1, rows, columns] with rows × columns = ${length}, the number of patches, was expected.`,
    });
  }
  const channels = width / (patch.height * patch.width);
  if (!Number.isInteger(channels)) {
    throw new ImageError({
      code: 'IMAGE_PATCH_SIZE',
      message: `patches have ${width} values, but ${patch.width}×${patch.height} patches have a multiple of ${patch.height * patch.width}.`,
      fix: 'Pass the patchSize that the patches were cut with.',
    });
  }
  const out = new Float32Array(data.length);
  forEachRun({ batch, channels, grid, patch, order: options.order ?? 'chw' }, (picture, patches, run, step) => {
    for (let i = 0; i < run; i++) out[picture + i] = data[patches + i * step]!;
  });
  return { type: 'float32', dims: [batch, channels, grid[1] * patch.height, grid[2] * patch.width], data: out };
}

interface Tiling {
  readonly batch: number;
  readonly channels: number;
  readonly grid: readonly [number, number, number];
  readonly patch: { readonly height: number; readonly width: number };
  readonly order: 'chw' | 'hwc';
}

/** Visits each run of pixels that lies in one row of one patch and channel: where it begins in the picture and among the patches, and the step there. */
function forEachRun(tiling: Tiling, visit: (picture: number, patches: number, length: number, step: number) => void): void {
  const { batch, channels, grid, patch, order } = tiling;
  const [, rows, columns] = grid;
  const rowLength = columns * patch.width;
  const patchArea = patch.height * patch.width;
  const step = order === 'chw' ? 1 : channels;
  let picture = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const channel = plane % channels;
    const item = ((plane - channel) / channels) * rows * columns;
    for (let y = 0; y < rows * patch.height; y++, picture += rowLength) {
      const within = y % patch.height;
      const first = item + ((y - within) / patch.height) * columns;
      const start = order === 'chw' ? channel * patchArea + within * patch.width : within * patch.width * channels + channel;
      for (let x = 0; x < columns; x++) {
        visit(picture + x * patch.width, (first + x) * channels * patchArea + start, patch.width, step);
      }
    }
  }
}

/** The sides of a patch. @throws ImageError `IMAGE_PATCH_SIZE`. */
export function checkPatchOptions(options: PatchOptions): { readonly height: number; readonly width: number } {
  const { patchSize, order = 'chw' } = checkOptions(options, '{ patchSize }');
  checkChoice('order', order, ['chw', 'hwc'], 'IMAGE_PATCH_SIZE');
  const sides = typeof patchSize === 'number' ? { height: patchSize, width: patchSize } : patchSize;
  const usable = [sides?.height, sides?.width].every(isCount);
  if (usable) return sides;
  const given = typeof patchSize === 'object' ? JSON.stringify(patchSize) : patchSize;
  throw new ImageError({
    code: 'IMAGE_PATCH_SIZE',
    message: `patchSize is ${shown(given)}, but a positive integer, or { height, width } of them, was expected.`,
  });
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;

function checkPixels(pixels: TensorLike) {
  const { dims, data, given } = floatsOf(pixels);
  const [batch, channels, height, width] = (dims.length === 3 ? [1, ...dims] : dims) as [number, number, number, number];
  if ((dims.length === 3 || dims.length === 4) && data.length) return { data, batch, channels, height, width };
  throw new ImageError({
    code: 'IMAGE_TENSOR',
    message: `pixels are ${given}, but float32 [channels, height, width] or [batch, channels, height, width] was expected.`,
    fix: 'Make them with normalize or an imageProcessor.',
  });
}

function checkPatches(tokens: Tokens) {
  const { dims, data, given } = floatsOf((tokens as Partial<ContinuousTokens> | null)?.values as TensorLike);
  const [batch, length, width] = dims as [number, number, number];
  if (dims.length === 3 && data.length) return { data, batch, length, width };
  throw new ImageError({
    code: 'IMAGE_TENSOR',
    message: `values of the tokens are ${given}, but patches, float32 values [batch, length, width], were expected.`,
  });
}
