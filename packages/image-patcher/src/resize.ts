import type { Image } from '@polymodal/modality-registry';
import { type Axis, type Coefficients, coefficients } from './coefficients.js';
import { checkChoice, checkOptions, ImageError, shown } from './errors.js';
import { type Filter, filterNames } from './filters.js';
import { allocatePixels, checkImage, checkPixelCount, checkSize, type Pixels } from './image.js';
import { resampleNearest } from './nearest.js';
import { premultiply, unpremultiplyInPlace } from './premultiply.js';
import { type Resample, resample } from './resample.js';

/** A rectangle in pixels; as a window of a result its numbers are whole. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /** Default `bicubic`, as in Pillow. */
  readonly filter?: Filter;
  /** The part of the source to resize, fractions allowed: [left, top, right, bottom] in source pixels. Default: all of it. */
  readonly box?: readonly [left: number, top: number, right: number, bottom: number];
  /** Compute only this window of the result; the pixels are those of the whole. Default: all of it. */
  readonly window?: Rectangle;
  /** What channel 2 of 2 and 4 of 4 mean. `straight` alpha (default) is premultiplied for the resize, as Pillow does; `none` treats all channels alike. */
  readonly alpha?: 'straight' | 'none';
}

/** A function like {@link resize} that keeps the coefficient tables of its last sizes. */
export type Resizer = (image: Image, options: ResizeOptions) => Image;

/**
 * Resizes a picture of 8 bits and 1 to 4 channels exactly as Pillow's `Image.resize`, bit for bit: antialiased, 22-bit fixed point,
 * horizontal pass first, alpha premultiplied. Follows src/libImaging/Resample.c of Pillow 9.4.
 *
 * @throws ImageError `IMAGE_DIMENSIONS`, `IMAGE_CHANNELS`, `IMAGE_FILTER`, `IMAGE_MODE` for another `alpha`, `IMAGE_BOX`, `IMAGE_OPTIONS`,
 *   `IMAGE_TOO_LARGE`.
 */
export function resize(image: Image, options: ResizeOptions): Image {
  return resizeWith(image, options, coefficients, resample);
}

/** Makes a {@link Resizer}: for many pictures of few sizes, such as a folder of icons. */
export function createResizer(): Resizer {
  const tables = new Map<string, Coefficients>();
  const remembered: TableSource = (axis, filter) => {
    const key = `${filter} ${axis.inSize} ${axis.boxStart} ${axis.boxEnd} ${axis.outSize} ${axis.first} ${axis.count}`;
    const known = tables.get(key);
    if (known) return known;
    // Few sizes repeat in practice: start again rather than grow with a folder of photographs that all differ.
    if (tables.size >= 32) tables.clear();
    const made = coefficients(axis, filter);
    tables.set(key, made);
    return made;
  };
  return (image, options) => resizeWith(image, options, remembered, resample);
}

type TableSource = typeof coefficients;

/** {@link resize} with its parts given: where tables come from, and what runs the passes. */
export function resizeWith(image: Image, options: ResizeOptions, table: TableSource, passes: Resample): Image {
  const source = checkImage(image);
  const { width, height, filter = 'bicubic', alpha = 'straight' } = checkOptions(options, '{ width, height }');
  checkSize('target width', width);
  checkSize('target height', height);
  checkChoice('filter', filter, filterNames, 'IMAGE_FILTER');
  checkChoice('alpha', alpha, ['straight', 'none']);
  const [left, top, right, bottom] = checkBox(options.box, source);
  const window = checkWindow(width, height, options.window);
  const horizontal: Axis = { inSize: source.width, boxStart: left, boxEnd: right, outSize: width, first: window.left, count: window.width };
  const vertical: Axis = { inSize: source.height, boxStart: top, boxEnd: bottom, outSize: height, first: window.top, count: window.height };
  const result = (data: Uint8Array): Image => ({ data, width: window.width, height: window.height, channels: source.channels });

  if (filter === 'nearest') return result(resampleNearest(source, horizontal, vertical));
  // Pillow leaves out a pass that would change nothing, and copies where neither is needed.
  const alongX = width !== source.width || left !== 0 || right !== width;
  const alongY = height !== source.height || top !== 0 || bottom !== height;
  if (!alongX && !alongY) return result(copyWindow(source, window));

  const premultiplied = alpha === 'straight' && (source.channels === 2 || source.channels === 4);
  const ready = premultiplied ? premultiply(source) : source;
  const xTable = alongX ? table(horizontal, filter) : undefined;
  const yTable = alongY ? table(vertical, filter) : undefined;
  const data = passes(ready, window, xTable, yTable);
  if (premultiplied) unpremultiplyInPlace(data, source.channels);
  return result(data);
}

function copyWindow({ data, width, channels }: Pixels, window: Rectangle): Uint8Array {
  const out = allocatePixels(window.width, window.height, channels);
  const length = window.width * channels;
  for (let y = 0; y < window.height; y++) {
    const from = ((window.top + y) * width + window.left) * channels;
    out.set(data.subarray(from, from + length), y * length);
  }
  return out;
}

function checkBox(box: ResizeOptions['box'], { width, height }: Pixels): readonly [number, number, number, number] {
  if (box === undefined) return [0, 0, width, height];
  // Pillow holds the box in float32.
  const [left, top, right, bottom, ...more] = Array.isArray(box) && box.every(Number.isFinite) ? box.map(Math.fround) : [];
  if (left! >= 0 && top! >= 0 && right! <= width && bottom! <= height && right! > left! && bottom! > top! && !more.length) {
    return [left!, top!, right!, bottom!];
  }
  throw new ImageError({
    code: 'IMAGE_BOX',
    message: `box is ${shown(box)}, but [left, top, right, bottom] inside the ${width}×${height} picture, not empty, was expected.`,
  });
}

function checkWindow(width: number, height: number, window: Rectangle = { left: 0, top: 0, width, height }): Rectangle {
  const { left, top, width: w, height: h } = checkOptions(window, '{ left, top, width, height }', 'window');
  const whole = [left, top, w, h].every(Number.isSafeInteger);
  if (!whole || left < 0 || top < 0 || w < 1 || h < 1 || left + w > width || top + h > height) {
    throw new ImageError({
      code: 'IMAGE_BOX',
      message: `window is ${w}×${h} at (${left}, ${top}), but whole numbers inside the ${width}×${height} result were expected.`,
    });
  }
  checkPixelCount(w, h);
  return { left, top, width: w, height: h };
}
