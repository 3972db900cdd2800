import type { Image, TensorLike } from '@polymodal/modality-registry';
import { convert } from '../convert.js';
import { centerCrop, centerCropStart, place } from '../crop.js';
import { allocatePixels, checkImage, checkPixelCount } from '../image.js';
import { levelTables, writeNormalized } from '../normalize.js';
import { expandToSquare } from '../pad.js';
import { createResizer, type Rectangle, type Resizer } from '../resize.js';
import { checkBatch, checkSameDims } from '../stack.js';
import { type PreprocessorConfig, type ProcessorSettings, type ResizeTarget, readConfig } from './config.js';

/** A configured preprocessing: call it with one picture, or its `batch` with several. */
export interface ImageProcessor {
  /** One picture → `pixel_values` of it. [channels, height, width] */
  (image: Image): TensorLike<'float32'>;
  /** Several pictures → `pixel_values`. [batch, channels, height, width] @throws ImageError `IMAGE_BATCH` where the results differ in size. */
  batch(images: readonly Image[]): TensorLike<'float32'>;
  /** The picture as it is before rescaling: padded, resized, cropped. */
  pixels(image: Image): Image;
  readonly settings: ProcessorSettings;
  /** [channels, height, width] of what comes out; 0 for a side that depends on the picture. */
  readonly outputDims: readonly [channels: number, height: number, width: number];
}

/**
 * The image preprocessing that a `preprocessor_config.json` describes, as Hugging Face's slow (Pillow) processors compute it.
 *
 * @throws ImageError `IMAGE_PROCESSOR_UNKNOWN`, `IMAGE_PROCESSOR_CONFIG`; the processor itself those of `resize` and `normalize`.
 */
export function imageProcessor(config: PreprocessorConfig): ImageProcessor {
  const settings = readConfig(config);
  const { rescaleFactor, mean, std } = settings;
  const resizer = createResizer();
  const tablesOf = remember((channels: number) => levelTables({ rescaleFactor, ...(mean && { mean }), ...(std && { std }) }, channels));
  const pixels = (image: Image) => toPixels(image, settings, resizer);

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
  return Object.assign(one, { batch, pixels, settings, outputDims: outputDims(settings) });
}

function outputDims({ convertRgb, mean, centerCrop: crop, resize }: ProcessorSettings): readonly [number, number, number] {
  const size = crop ?? (resize?.to.kind === 'exact' ? resize.to : { height: 0, width: 0 });
  return [convertRgb ? 3 : (mean?.length ?? 3), size.height, size.width];
}

function toPixels(image: Image, settings: ProcessorSettings, resizer: Resizer): Image {
  checkImage(image);
  let ready = settings.convertRgb ? convert(image, 'rgb') : image;
  if (settings.padColor) ready = expandToSquare(ready, settings.padColor);
  const { resize, centerCrop: target } = settings;
  if (!resize) return target ? centerCrop(ready, target, 'hf') : ready;

  const { width, height } = resizedSize(ready, resize.to);
  if (!target) return resizer(ready, { width, height, filter: resize.filter });
  // Resize only what the crop will keep: the same pixels, less work, and no long strip in memory for a picture of 1 × 30,000.
  const across = visible(width, target.width);
  const down = visible(height, target.height);
  const window: Rectangle = { left: across.from, top: down.from, width: across.length, height: down.length };
  checkPixelCount(target.width, target.height);
  const middle = checkImage(resizer(ready, { width, height, filter: resize.filter, window }));
  if (across.length === target.width && down.length === target.height) return middle;
  const data = allocatePixels(target.width, target.height, middle.channels);
  place(middle, data, target.width, target.height, across.at, down.at);
  return { data, ...target, channels: middle.channels };
}

/** The part of an axis of `size` pixels that a centre crop to `target` keeps, and where it lands in the crop. */
function visible(size: number, target: number): { readonly from: number; readonly length: number; readonly at: number } {
  const start = centerCropStart(size, target, 'hf');
  return { from: Math.max(0, start), length: Math.min(size, target), at: Math.max(0, -start) };
}

/** The size after resizing; a shortest-edge resize rounds the longer side down, as torchvision and Hugging Face do. */
function resizedSize({ width, height }: Image, to: ResizeTarget): { readonly width: number; readonly height: number } {
  if (to.kind === 'exact') return to;
  return shortestEdgeSize({ width, height }, to.edge);
}

/** The size of a picture whose shorter side becomes `edge` and whose longer side keeps the aspect ratio, rounded down. */
export function shortestEdgeSize(
  { width, height }: { readonly width: number; readonly height: number },
  edge: number,
): { readonly width: number; readonly height: number } {
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
