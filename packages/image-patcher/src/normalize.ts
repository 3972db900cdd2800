import type { Image, TensorLike } from '@polymodal/modality-registry';
import { checkChoice, checkOptions, ImageError, shown } from './errors.js';
import { checkImage, type Pixels } from './image.js';
import { floatsOf } from './tensor.js';

export interface NormalizeOptions {
  /** What each level is multiplied by; default 1/255. */
  readonly rescaleFactor?: number;
  /** Subtracted after rescaling, one for each channel; default none. */
  readonly mean?: readonly number[];
  /** Divided by after that, one for each channel; default none. */
  readonly std?: readonly number[];
  /** `chw` (default) is [channels, height, width], PyTorch's; `hwc` is [height, width, channels]. */
  readonly layout?: 'chw' | 'hwc';
}

/**
 * Rescales and normalises a picture, each step rounded to float32 as NumPy and PyTorch do: (level × rescaleFactor − mean) ÷ std.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_NORMALIZE` for a mean or std of another length or not finite, for a std or
 *   a rescaleFactor of 0, `IMAGE_MODE` for another layout, `IMAGE_OPTIONS`.
 */
export function normalize(image: Image, options: NormalizeOptions = {}): TensorLike<'float32'> {
  const source = checkImage(image);
  const { width, height, channels } = source;
  const layout = layoutOf(options);
  const data = new Float32Array(width * height * channels);
  writeNormalized(source, levelTables(options, channels), layout, data, 0);
  return { type: 'float32', dims: layout === 'chw' ? [channels, height, width] : [height, width, channels], data };
}

function layoutOf(options: NormalizeOptions): 'chw' | 'hwc' {
  const { layout = 'chw' } = checkOptions(options);
  checkChoice('layout', layout, ['chw', 'hwc']);
  return layout;
}

/** The normalised value of each of the 256 levels, per channel: a picture has many pixels but few levels. [channels][256] */
export function levelTables(options: NormalizeOptions, channels: number): readonly Float32Array[] {
  checkScale(options, channels);
  const { rescaleFactor = 1 / 255, mean, std } = options;
  return Array.from({ length: channels }, (_, c) => {
    const center = Math.fround(mean?.[c] ?? 0);
    const spread = Math.fround(std?.[c] ?? 1);
    return Float32Array.from({ length: 256 }, (_, level) => Math.fround(Math.fround(level * rescaleFactor) - center) / spread);
  });
}

function checkScale({ rescaleFactor = 1, mean, std }: NormalizeOptions, channels: number): void {
  checkStatistics('mean', mean, channels);
  checkStatistics('std', std, channels);
  if (Number.isFinite(rescaleFactor) && rescaleFactor) return;
  throw new ImageError({
    code: 'IMAGE_NORMALIZE',
    message: `rescaleFactor is ${shown(rescaleFactor)}, but a finite number other than 0 was expected.`,
  });
}

function checkStatistics(name: 'mean' | 'std', values: readonly number[] | undefined, channels: number): void {
  if (values === undefined) return;
  const usable = (value: unknown) => Number.isFinite(value) && (name === 'mean' || value !== 0);
  if (Array.isArray(values) && values.length === channels && values.every(usable)) return;
  throw new ImageError({
    code: 'IMAGE_NORMALIZE',
    message: `${name} is ${shown(values)}, but ${channels} finite numbers${name === 'std' ? ' other than 0' : ''} were expected, one for each channel.`,
    fix: 'Convert the picture first where its channels are not those of the statistics: convert(image, "rgb").',
  });
}

/** Writes one picture, rescaled and normalised by its tables, into `out` from `offset` on: a batch is one tensor from the start. */
export function writeNormalized(
  source: Pixels,
  tables: readonly Float32Array[],
  layout: 'chw' | 'hwc',
  out: Float32Array,
  offset: number,
): void {
  const { data, width, height, channels } = source;
  const pixels = width * height;
  for (let c = 0; c < channels; c++) {
    const table = tables[c]!;
    const step = layout === 'chw' ? 1 : channels;
    let o = offset + (layout === 'chw' ? c * pixels : c);
    for (let p = c; p < data.length; p += channels, o += step) out[o] = table[data[p]!]!;
  }
}

/**
 * The way back: a [channels, height, width] or [height, width, channels] tensor to a picture, rounded to the nearest level and clipped.
 *
 * @throws ImageError `IMAGE_TENSOR`, `IMAGE_CHANNELS`, `IMAGE_NORMALIZE`, `IMAGE_MODE`, `IMAGE_OPTIONS`.
 */
export function toImage(tensor: TensorLike, options: NormalizeOptions = {}): Image {
  const layout = layoutOf(options);
  const { rescaleFactor = 1 / 255, mean, std } = options;
  const { dims, data: values, given } = floatsOf(tensor);
  const [d0, d1, d2] = dims as [number, number, number];
  const [channels, height, width] = layout === 'chw' ? [d0, d1, d2] : [d2, d0, d1];
  if (dims.length !== 3) {
    throw new ImageError({
      code: 'IMAGE_TENSOR',
      message: `tensor is ${given}, but float32 of one picture, ${layout === 'chw' ? '[channels, height, width]' : '[height, width, channels]'}, was expected.`,
    });
  }
  checkScale(options, channels);
  const data = new Uint8ClampedArray(values.length);
  const pixels = width * height;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) {
      const value = values[layout === 'chw' ? c * pixels + i : i * channels + c]!;
      data[i * channels + c] = (value * (std?.[c] ?? 1) + (mean?.[c] ?? 0)) / rescaleFactor;
    }
  }
  const image: Image = { data: new Uint8Array(data.buffer), width, height, channels };
  checkImage(image);
  return image;
}
