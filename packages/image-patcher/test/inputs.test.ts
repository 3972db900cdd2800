import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  affine,
  anyresTiles,
  augment,
  centerCrop,
  cmykToRgb,
  colorJitter,
  contactSheet,
  convert,
  createResizer,
  crop,
  expandToSquare,
  type Filter,
  flatten,
  heatMap,
  horizontalFlip,
  ImageError,
  imageProcessor,
  interpolate,
  interpolatePositions,
  knownProcessorTypes,
  normalize,
  type Orientation,
  orient,
  pad,
  patchify,
  randomAffine,
  randomErase,
  randomGrey,
  randomResizedCrop,
  resize,
  toImage,
  unpatchify,
} from '../src/index.js';
import { encodePng } from '../src/node.js';
import { noise } from './noise.js';

/** What holds of every function that takes a picture or a tensor, whatever it does. */

type Named<T> = Readonly<Record<string, T>>;
const filters: readonly Filter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];
const named = <K extends string | number, T>(keys: readonly K[], name: (key: K) => string, make: (key: K) => T): Named<T> =>
  Object.fromEntries(keys.map((key) => [name(key), make(key)]));
const jitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
const steps = {
  randomResizedCrop: randomResizedCrop({ width: 5, height: 4 }),
  horizontalFlip: horizontalFlip(1),
  randomAffine: randomAffine({ degrees: 20, translate: [0.1, 0.1], scale: [0.9, 1.1], shear: 10 }),
  colorJitter: colorJitter(jitter),
  randomGrey: randomGrey(1),
  randomErase: randomErase({ probability: 1 }),
};
const processorOf = (type: string) =>
  imageProcessor({ image_processor_type: type, ...(type === 'openai/DALL-E' && { size: 2, crop_size: 2 }) });

const ofPictures: Named<(image: Image) => unknown> = {
  ...named(
    filters,
    (filter) => `resize, ${filter}`,
    (filter) => (image) => resize(image, { width: 5, height: 4, filter }),
  ),
  'resize of a box': (image) => resize(image, { width: 3, height: 3, box: [0.2, 0.1, 0.9, 1] }),
  'resize to a window': (image) => resize(image, { width: 9, height: 9, window: { left: 1, top: 2, width: 3, height: 4 } }),
  'resize of the same size': (image) => resize(image, { width: image?.width, height: image?.height }),
  'resize of channels alike': (image) => resize(image, { width: 5, height: 4, alpha: 'none' }),
  createResizer: (image) => createResizer()(image, { width: 5, height: 4 }),
  crop: (image) => crop(image, { left: 0, top: 0, width: 2, height: 3 }),
  centerCrop: (image) => centerCrop(image, { width: 3, height: 2 }),
  pad: (image) => pad(image, { left: 1, bottom: 2 }),
  expandToSquare: (image) => expandToSquare(image, 7),
  ...named(
    ['grey', 'rgb', 'rgba'] as const,
    (mode) => `convert to ${mode}`,
    (mode) => (image) => convert(image, mode),
  ),
  flatten: (image) => flatten(image),
  cmykToRgb: (image) => cmykToRgb(image),
  ...named(
    ['chw', 'hwc'] as const,
    (layout) => `normalize, ${layout}`,
    (layout) => (image) => normalize(image, { layout }),
  ),
  ...named(
    [1, 2, 3, 4, 5, 6, 7, 8] as const,
    (turn) => `orient ${turn}`,
    (turn: Orientation) => (image) => orient(image, turn),
  ),
  anyresTiles: (image) => anyresTiles(image, { tileSize: 8, pinPoints: [[8, 16]] }),
  adjustBrightness: (image) => adjustBrightness(image, 1.3),
  adjustContrast: (image) => adjustContrast(image, 1.3),
  adjustSaturation: (image) => adjustSaturation(image, 1.3),
  adjustHue: (image) => adjustHue(image, 0.2),
  affine: (image) => affine(image, { angle: 30, translate: [1, 0], scale: 1.1, shear: [5, 0] }),
  ...named(Object.keys(steps) as (keyof typeof steps)[], String, (step) => (image) => augment(steps[step])(image, 3)),
  contactSheet: (image) => contactSheet([image, image]),
  heatMap: (image) => heatMap(image, [0, 1, 2, 3], [1, 2, 2]),
  ...named(
    knownProcessorTypes,
    (type) => `imageProcessor, ${type}`,
    (type) => (image) => processorOf(type)(image),
  ),
  'a batch of imageProcessor': (image) => processorOf('CLIPImageProcessor').batch([image, image]),
  'pixels of imageProcessor': (image) => processorOf('LlavaNextImageProcessor').pixels(image),
  encodePng: (image) => encodePng(image),
};
const pictureFunctions = Object.entries(ofPictures);

/** By its hash, or the code of its error. Any error but this package's own fails the test. */
async function outcome(work: () => unknown): Promise<string> {
  try {
    const hash = createHash('sha256');
    const add = (value: unknown): void => {
      if (ArrayBuffer.isView(value)) hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(add);
      else hash.update(`${value} `);
    };
    add(await work());
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
}

function shared(data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(data.length));
  bytes.set(data);
  return bytes;
}

function detached<T extends Uint8Array | Float32Array>(data: T): T {
  structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
  return data;
}

describe.each(pictureFunctions)('%s', (_, work) => {
  test('leaves its input as it was, wherever its bytes lie, and gives the same for them', async () => {
    for (const channels of [1, 2, 3, 4]) {
      const { data } = noise(9, 7, channels, channels);
      const of = (bytes: Image['data']): Image => Object.freeze({ data: bytes, width: 9, height: 7, channels });
      const before = await outcome(() => data);
      const expected = await outcome(() => work(of(data as Uint8Array)));
      expect(await outcome(() => data)).toBe(before);

      const inside = new Uint8Array(data.length + 11).fill(99);
      inside.set(data, 5);
      const others = [shared(data), new Uint8ClampedArray(data), Buffer.from(data), inside.subarray(5, 5 + data.length)];
      for (const other of others) {
        expect(await outcome(() => work(of(other)))).toBe(expected);
        expect(await outcome(() => Uint8Array.from(other))).toBe(before);
      }
      expect([...inside.subarray(0, 5), ...inside.subarray(-6)]).toEqual(Array(11).fill(99));
    }
  });

  test('takes a picture of 1×1, or says what it misses', async () => {
    for (const channels of [1, 2, 3, 4]) expect(await outcome(() => work(noise(1, 1, channels)))).toMatch(/^([0-9a-f]{64}|IMAGE_[A-Z]+)$/);
  });

  test('takes strips of 30,000, or says what it misses', async () => {
    for (const [width, height] of [
      [1, 30_000],
      [30_000, 1],
    ] as const)
      expect(await outcome(() => work(noise(width, height, 3)))).toMatch(/^([0-9a-f]{64}|IMAGE_[A-Z_]+)$/);
  });

  test.each<[string, unknown, string?]>([
    ['width 0', { data: new Uint8Array(0), width: 0, height: 4, channels: 3 }],
    ['a negative height', { data: new Uint8Array(12), width: 2, height: -2, channels: 3 }],
    ['a fractional width', { data: new Uint8Array(15), width: 2.5, height: 2, channels: 3 }],
    ['a height of NaN', { data: new Uint8Array(12), width: 2, height: Number.NaN, channels: 3 }],
    ['an infinite width', { data: new Uint8Array(12), width: Number.POSITIVE_INFINITY, height: 2, channels: 3 }],
    ['a width in words', { data: new Uint8Array(12), width: '2', height: 2, channels: 3 }],
    ['2⁴⁰ pixels', { data: new Uint8Array(12), width: 2 ** 20, height: 2 ** 20, channels: 3 }],
    ['data that are too short', { data: new Uint8Array(11), width: 2, height: 2, channels: 3 }],
    ['data that are too long', { data: new Uint8Array(13), width: 2, height: 2, channels: 3 }],
    ['detached data', { data: detached(new Uint8Array(12)), width: 2, height: 2, channels: 3 }],
    ['floats', { data: new Float32Array(12), width: 2, height: 2, channels: 3 }],
    ['no data', { width: 2, height: 2, channels: 3 }],
    ['five channels', { data: new Uint8Array(20), width: 2, height: 2, channels: 5 }, 'IMAGE_CHANNELS'],
    ['NaN channels', { data: new Uint8Array(12), width: 2, height: 2, channels: Number.NaN }, 'IMAGE_CHANNELS'],
    ['null', null],
    ['undefined', undefined],
  ])('refuses %s', async (_, image, code = 'IMAGE_DIMENSIONS') => {
    expect(await outcome(() => work(image as Image))).toBe(code);
  });
});

const tensor = (dims: readonly number[], data: Float32Array): TensorLike<'float32'> => Object.freeze({ type: 'float32', dims, data });
const ofTensors: Named<readonly [dims: readonly number[], work: (given: TensorLike<'float32'>) => unknown]> = {
  patchify: [[3, 4, 6], (given) => patchify(given, { patchSize: 2 })],
  unpatchify: [[1, 6, 12], (given) => unpatchify({ values: given, grid: [1, 2, 3] }, { patchSize: 2 })],
  toImage: [[3, 4, 6], (given) => toImage(given)],
  'toImages of imageProcessor': [[2, 3, 4, 3], (given) => processorOf('CLIPImageProcessor').toImages(given)],
  interpolate: [[2, 3, 4, 3], (given) => interpolate(given, { size: { height: 5, width: 7 }, mode: 'bicubic', antialias: true })],
  'interpolate of the same size': [[2, 3, 4, 3], (given) => interpolate(given, { size: { height: 4, width: 3 }, mode: 'bilinear' })],
  interpolatePositions: [[17, 4], (given) => interpolatePositions(given, { to: { height: 7, width: 5 }, extraTokens: 1 })],
};

describe.each(Object.entries(ofTensors))('%s', (_, [dims, work]) => {
  const data = Float32Array.from(noise(72, 1, 1).data, (level) => level / 255).subarray(
    0,
    dims.reduce((a, b) => a * b, 1),
  );

  test('leaves its input as it was, in shared memory too, and gives something of its own', async () => {
    const before = await outcome(() => data);
    const result = await work(tensor(dims, data));
    const expected = await outcome(() => result);
    expect(await outcome(() => data)).toBe(before);
    const copy = new Float32Array(new SharedArrayBuffer(data.byteLength));
    copy.set(data);
    expect(await outcome(() => work(tensor(dims, copy)))).toBe(expected);
    expect(await outcome(() => copy)).toBe(before);
  });

  test.each<[string, unknown]>([
    ['detached data', tensor(dims, detached(data.slice()))],
    ['data that are too short', tensor(dims, data.slice(1))],
    ['data that are too long', tensor(dims, Float32Array.of(...data, 1))],
    ['a dimension of NaN', tensor([...dims.slice(1), Number.NaN], data)],
    [
      'a negative dimension',
      tensor(
        dims.map((dim, i) => (i > 1 ? dim : -dim)),
        data,
      ),
    ],
    ['null', null],
  ])('refuses %s', async (_, given) => {
    expect(await outcome(() => work(given as TensorLike<'float32'>))).toMatch(/^IMAGE_[A-Z_]+$/);
  });
});
