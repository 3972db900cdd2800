import type { Image, TensorLike } from '@polymodal/modality-registry';
import { convert } from '../convert.js';
import { type CropRounding, centerCrop, centerCropStart, place, roundHalfToEven } from '../crop.js';
import { checkOptions, ImageError } from '../errors.js';
import { allocatePixels, checkImage, checkPixelCount, checkSize } from '../image.js';
import { levelTables, type NormalizeOptions, toImage, writeNormalized } from '../normalize.js';
import { expandToSquare } from '../pad.js';
import { createResizer, type Rectangle, type Resizer } from '../resize.js';
import { checkBatch, checkSameDims, stackPadded } from '../stack.js';
import { floatsOf } from '../tensor.js';
import { normalizeStacked, stackedTiles } from './anyres-processor.js';
import { type PreprocessorConfig, type ProcessorSettings, type ResizeTarget, readConfig } from './config.js';
import { shapeGrey } from './grey.js';

/** A configured preprocessing: call it with one picture, or its `batch` with several. */
export interface ImageProcessor {
  /** One picture → `pixel_values` of it. [channels, height, width], or with AnyRes [1 + tiles, channels, height, width] */
  (image: Image): TensorLike<'float32'>;
  /**
   * Several pictures → `pixel_values`. [batch, channels, height, width], or with AnyRes [batch, 1 + most tiles, channels, height, width],
   * zeros where a picture has fewer.
   *
   * @throws ImageError `IMAGE_BATCH` where the results differ in size.
   */
  batch(images: readonly Image[]): TensorLike<'float32'>;
  /**
   * The picture as it is before rescaling: padded, resized, cropped; with AnyRes the overview and the tiles below one another. Where no step
   * changes anything, the given picture itself and not a copy.
   */
  pixels(image: Image): Image;
  /** The way back, for what a decoder of the same scale gives: [..., channels, height, width] → pictures. @throws ImageError `IMAGE_TENSOR`. */
  toImages(tensor: TensorLike): Image[];
  readonly settings: ProcessorSettings;
  /** Shape of what comes out for one picture; 0 for a side that depends on it. */
  readonly outputDims: readonly number[];
}

/**
 * The image preprocessing that a `preprocessor_config.json` describes, as Hugging Face's slow (Pillow) processors compute it.
 *
 * @throws ImageError `IMAGE_PROCESSOR_UNKNOWN`, `IMAGE_PROCESSOR_CONFIG`; the processor itself those of `resize` and `normalize`.
 */
export function imageProcessor(config: PreprocessorConfig): ImageProcessor {
  const settings = readConfig(config);
  const resizer = createResizer();
  const tablesOf = remember((channels: number) => {
    const tables = levelTables(scaleOf(settings, channels), channels);
    return settings.binarize ? tables.map((table) => table.map((value) => (value < 0.5 ? 0 : 1))) : tables;
  });
  const pixels = (image: Image) => toPixels(image, settings, resizer);
  const shared = { pixels, settings, outputDims: outputDims(settings), toImages: (tensor: TensorLike) => toImages(tensor, settings) };
  const { tiles } = settings;
  if (tiles) {
    const cut = (image: Image) => normalizeStacked(pixels(image), tiles.tileSize, tablesOf);
    const batch = (images: readonly Image[]) => {
      checkBatch(images);
      return stackPadded(images.map(cut), shared.outputDims);
    };
    return Object.assign(cut, { ...shared, batch });
  }

  const one = (image: Image): TensorLike<'float32'> => {
    const ready = checkImage(pixels(image));
    const data = new Float32Array(ready.data.length);
    writeNormalized(ready, tablesOf(ready.channels), 'chw', data, 0);
    return { type: 'float32', dims: [ready.channels, ready.height, ready.width], data };
  };
  const batch = (images: readonly Image[]) => {
    checkBatch(images);
    let dims: readonly number[] = outputDims(settings);
    let data = new Float32Array(0); // [batch, channels, height, width]
    for (const [i, image] of images.entries()) {
      const ready = checkImage(pixels(image));
      const own = [ready.channels, ready.height, ready.width];
      if (i === 0) {
        dims = own;
        data = new Float32Array(images.length * ready.data.length);
      }
      checkSameDims(i, own, dims);
      writeNormalized(ready, tablesOf(ready.channels), 'chw', data, i * ready.data.length);
    }
    return { type: 'float32' as const, dims: [images.length, ...dims], data };
  };
  return Object.assign(one, { ...shared, batch });
}

function scaleOf({ rescaleFactor, mean, std, sameForAll }: ProcessorSettings, channels: number): NormalizeOptions {
  const forAll = (values: readonly number[]) => (sameForAll ? Array<number>(channels).fill(values[0]!) : values);
  return { rescaleFactor, ...(mean && { mean: forAll(mean) }), ...(std && { std: forAll(std) }) };
}

/** Every picture of a tensor of any number of axes before the last three. */
function toImages(tensor: TensorLike, settings: ProcessorSettings): Image[] {
  const { dims, data, given } = floatsOf(tensor);
  const size = dims.slice(-3).reduce((product, dim) => product * dim, 1);
  const count = dims.slice(0, -3).reduce((product, dim) => product * dim, 1);
  if (dims.length < 3) {
    throw new ImageError({
      code: 'IMAGE_TENSOR',
      message: `tensor is ${given}, but float32 [..., channels, height, width] was expected.`,
    });
  }
  const scale = scaleOf(settings, dims.at(-3)!);
  return Array.from({ length: count }, (_, i) =>
    toImage({ type: 'float32', dims: dims.slice(-3), data: data.subarray(i * size, (i + 1) * size) }, scale),
  );
}

function outputDims({ convertRgb, convertGrey, mean, centerCrop: crop, resize, tiles }: ProcessorSettings): readonly number[] {
  const channels = convertGrey ? 1 : convertRgb ? 3 : (mean?.length ?? 3);
  if (tiles) return [0, channels, tiles.tileSize, tiles.tileSize];
  const size = crop ?? (resize?.to.kind === 'exact' ? resize.to : { height: 0, width: 0 });
  return [channels, size.height, size.width];
}

function toPixels(image: Image, settings: ProcessorSettings, resizer: Resizer): Image {
  const { channels } = checkImage(image);
  const { convertRgb, convertGrey, convertLast, padColor, tiles } = settings;
  const shape = (ready: Image) => (tiles ? stackedTiles(ready, tiles, resizer) : resizeAndCrop(ready, settings, resizer));
  const toRgb = (given: Image) => (convertRgb ? convert(given, 'rgb') : given);
  if (convertLast) return convertGrey ? convert(shape(image), 'grey') : toRgb(shape(image));
  if (convertRgb && channels < 3) return shapeGrey(image, padColor, shape);
  const ready = toRgb(image);
  return shape(padColor ? expandToSquare(ready, padColor) : ready);
}

function resizeAndCrop(ready: Image, { resize, centerCrop: target }: ProcessorSettings, resizer: Resizer): Image {
  if (!resize) return target ? centerCrop(ready, target, target.rounding) : ready;

  const { width, height } = resizedSize(ready, resize.to);
  if (!target) return resizer(ready, { width, height, filter: resize.filter });
  // Resize only what the crop will keep: the same pixels, less work, and no long strip in memory for a picture of 1 × 30,000.
  const across = visible(width, target.width, target.rounding);
  const down = visible(height, target.height, target.rounding);
  const window: Rectangle = { left: across.from, top: down.from, width: across.length, height: down.length };
  checkPixelCount(target.width, target.height);
  const middle = checkImage(resizer(ready, { width, height, filter: resize.filter, window }));
  if (across.length === target.width && down.length === target.height) return middle;
  const data = allocatePixels(target.width, target.height, middle.channels);
  place(middle, data, target.width, target.height, across.at, down.at);
  return { data, width: target.width, height: target.height, channels: middle.channels };
}

/** The part of an axis of `size` pixels that a centre crop to `target` keeps, and where it lands in the crop. */
function visible(
  size: number,
  target: number,
  rounding: CropRounding,
): { readonly from: number; readonly length: number; readonly at: number } {
  const start = centerCropStart(size, target, rounding);
  return { from: Math.max(0, start), length: Math.min(size, target), at: Math.max(0, -start) };
}

/** The size after resizing; a shortest-edge resize rounds the longer side down, as torchvision and Hugging Face do. */
function resizedSize({ width, height }: Image, to: ResizeTarget): { readonly width: number; readonly height: number } {
  if (to.kind === 'exact') return to;
  if (to.kind === 'shortest-edge' && !to.shrinkOnly) return shortestEdgeSize({ width, height }, to.edge);
  const shorter = Math.min(width, height);
  const least = to.kind === 'multiple-of' ? to.factor : to.edge;
  if (shorter < least) {
    throw new ImageError({
      code: 'IMAGE_DIMENSIONS',
      message: `the picture is ${width}×${height}, but sides of at least ${least} were expected: this processor does not enlarge.`,
      fix: 'Resize the picture first, where an enlarged one will do.',
    });
  }
  if (to.kind === 'multiple-of') return { width: width - (width % to.factor), height: height - (height % to.factor) };
  const factor = to.edge / shorter;
  return { width: roundHalfToEven(factor * width), height: roundHalfToEven(factor * height) };
}

/** The size of a picture whose shorter side becomes `edge` and whose longer side keeps the aspect ratio, rounded down. @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_OPTIONS`. */
export function shortestEdgeSize(
  size: { readonly width: number; readonly height: number },
  edge: number,
): { readonly width: number; readonly height: number } {
  const { width, height } = checkOptions(size, '{ width, height }', 'size');
  checkSize('image width', width);
  checkSize('image height', height);
  checkSize('edge', edge);
  if (width <= height) return { width: edge, height: Math.trunc((edge * height) / width) };
  return { width: Math.trunc((edge * width) / height), height: edge };
}

function remember<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
