import { describe, expect, test } from '@jest/globals';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import * as library from '../src/index.js';
import { noise } from './noise.js';

/** What every public function does with options that are missing, null, or of names that it does not know. */

// As a caller without types has it.
const patcher = library as unknown as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;
const image = noise(2, 2, 3);
const tensor = (...dims: readonly number[]): TensorLike<'float32'> => {
  return { type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
};
const pixels = tensor(3, 2, 2);
const patches = { values: tensor(1, 1, 12), grid: [1, 1, 1] };
const size = { width: 2, height: 2 };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof library.ImageError) return error.code;
    throw error;
  }
  return 'none';
}

/** Each function that takes options, with what comes before them. */
const before: Readonly<Record<string, readonly unknown[]>> = {
  resize: [image],
  crop: [image],
  centerCrop: [image],
  pad: [image],
  normalize: [image],
  toImage: [pixels],
  patchify: [pixels],
  unpatchify: [patches],
  interpolate: [pixels],
  interpolatePositions: [tensor(4, 2)],
  sinCosPositions: [2, 4],
  sinCosPositions2d: [2, 4],
  anyresTiles: [image],
  spatialUnpadCounts: [size],
  chooseResolution: [],
  shortestEdgeSize: [],
  affine: [image],
  randomResizedCrop: [],
  randomAffine: [],
  colorJitter: [],
  randomErase: [],
  contactSheet: [[image]],
  heatMap: [image, [1], [1, 1, 1]],
  imagePlugin: [],
};
/** Those that can do without. */
const optional =
  'normalize toImage sinCosPositions sinCosPositions2d anyresTiles spatialUnpadCounts affine randomErase contactSheet heatMap imagePlugin'.split(
    ' ',
  );

describe.each(Object.entries(before))('%s', (name, given) => {
  test.each([[null], ['fast'], [7]])('refuses %j in place of its options', (options) => {
    expect(codeOf(() => patcher[name]!(...given, options))).toBe('IMAGE_OPTIONS');
  });

  test(optional.includes(name) ? 'has a default for each of them' : 'refuses to guess them', () => {
    if (optional.includes(name)) expect(() => patcher[name]!(...given)).not.toThrow('IMAGE_OPTIONS');
    else expect(codeOf(() => patcher[name]!(...given))).toBe('IMAGE_OPTIONS');
  });
});

test('createResizer refuses missing options too', () => {
  expect(codeOf(() => (library.createResizer() as (given: Image) => Image)(image))).toBe('IMAGE_OPTIONS');
});

test('the message says what was missing, and what it looks like', () => {
  expect(() => patcher.centerCrop!(image)).toThrow('options: undefined was given, but { width, height } was expected');
});

const impossible: readonly (readonly [string, readonly unknown[], string])[] = [
  ['normalize', [image, { layout: 'CHW' }], 'IMAGE_MODE'],
  ['normalize', [image, { mean: 0.5 }], 'IMAGE_NORMALIZE'],
  ['normalize', [image, { mean: null }], 'IMAGE_NORMALIZE'],
  ['normalize', [image, { rescaleFactor: 0 }], 'IMAGE_NORMALIZE'],
  ['toImage', [pixels, { layout: 'CHW' }], 'IMAGE_MODE'],
  ['toImage', [pixels, { rescaleFactor: 0 }], 'IMAGE_NORMALIZE'],
  ['toImage', [pixels, { rescaleFactor: Number.NaN }], 'IMAGE_NORMALIZE'],
  ['centerCrop', [image, size, 'HF'], 'IMAGE_MODE'],
  ['convert', [image, 'RGB'], 'IMAGE_MODE'],
  ['convert', [image, 'toString'], 'IMAGE_MODE'],
  ['flatten', [image, [1, 2]], 'IMAGE_COLOR'],
  ['flatten', [image, null], 'IMAGE_COLOR'],
  ['flatten', [noise(2, 2, 1), [1, 2]], 'IMAGE_COLOR'],
  ['flatten', [noise(2, 2, 2), [1, 2, 256]], 'IMAGE_COLOR'],
  ['resize', [image, { ...size, box: [0n, 0n, 1n, 1n] }], 'IMAGE_BOX'],
  ['resize', [image, { ...size, window: { left: 0n, top: 0n, width: 1n, height: 1n } }], 'IMAGE_BOX'],
  ['pad', [image, { left: 1, fill: 'red' }], 'IMAGE_COLOR'],
  ['pad', [image, { left: 1, fill: null }], 'IMAGE_COLOR'],
  ['pad', [image, { left: 1, fill: { r: 1 } }], 'IMAGE_COLOR'],
  ['expandToSquare', [image, undefined], 'IMAGE_COLOR'],
  ['affine', [image, { translate: 5 }], 'IMAGE_AUGMENT'],
  ['affine', [image, { translate: null }], 'IMAGE_AUGMENT'],
  ['affine', [image, { shear: 'x' }], 'IMAGE_AUGMENT'],
  ['randomAffine', [{ translate: 0.1 }], 'IMAGE_AUGMENT'],
  ['randomResizedCrop', [{ ...size, filter: 'cubic' }], 'IMAGE_FILTER'],
  ['contactSheet', [null], 'IMAGE_BATCH'],
  ['heatMap', [image, null, {}], 'IMAGE_TENSOR'],
  ['heatMap', [image, [1], [1, 1, 1], { range: null }], 'IMAGE_DRAWING'],
  ['heatMap', [image, [1], [1, 1, 1], { colors: null }], 'IMAGE_DRAWING'],
  ['heatMap', [image, [1], [1, 1, 1], { mode: 'Nearest' }], 'IMAGE_DRAWING'],
  ['sinCosPositions', [2, 4, { order: 'Halves' }], 'IMAGE_MODE'],
  ['sinCosPositions2d', [null, 4], 'IMAGE_OPTIONS'],
  ['shortestEdgeSize', [size, 0], 'IMAGE_DIMENSIONS'],
  ['interpolatePositions', [tensor(4, 2), { to: 3, method: 'constructor' }], 'IMAGE_FILTER'],
  ['interpolate', [pixels, { size: 2, mode: 'Bilinear' }], 'IMAGE_FILTER'],
  ['imageProcessorPlugin', [], 'IMAGE_PROCESSOR_CONFIG'],
];
const text = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));

test.each(impossible.map(([name, given, code]) => [name, text(given.at(-1)), given, code] as const))(
  '%s refuses what no option can be: %s',
  (name, _, given, code) => expect(codeOf(() => patcher[name]!(...given))).toBe(code),
);

describe('what no tensor is', () => {
  const floats = new Float32Array(12);
  const broken: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a number', 3],
    ['an empty object', {}],
    ['without dimensions', { type: 'float32', data: floats }],
    ['without data', { type: 'float32', dims: [3, 2, 2] }],
    ['negative twice over', { type: 'float32', dims: [-1, -3, 2, 2], data: floats }],
    ['fractional', { type: 'float32', dims: [1.5, 2, 2, 2], data: floats }],
    ['of dimensions in words', { type: 'float32', dims: 'abc', data: floats }],
    ['of numbers in a list', { type: 'float32', dims: [3, 2, 2], data: Array(12).fill(0) }],
    ['of another type', { type: 'uint8', dims: [3, 2, 2], data: new Uint8Array(12) }],
  ];
  const { toImages } = library.imageProcessor({ image_processor_type: 'CLIPImageProcessor' });
  const calls: Readonly<Record<string, (given: never) => unknown>> = {
    toImage: library.toImage,
    toImages,
    patchify: (given) => library.patchify(given, { patchSize: 2 }),
    unpatchify: (given) => library.unpatchify({ values: given, grid: [1, 1, 1] }, { patchSize: 2 }),
    interpolate: (given) => library.interpolate(given, { size: 2 }),
    interpolatePositions: (given) => library.interpolatePositions(given, { to: 2 }),
  };

  test.each(Object.entries(calls).flatMap(([name, call]) => broken.map(([what, given]) => [name, what, call, given] as const)))(
    '%s refuses one that is %s',
    (_, __, call, given) => expect(codeOf(() => call(given as never))).toBe('IMAGE_TENSOR'),
  );

  test.each([undefined, 'all', [1, 2], [1, -1, -1], [1, 0.5, 2]])('unpatchify refuses a grid of %j', (grid) => {
    expect(codeOf(() => patcher.unpatchify!({ ...patches, grid }, { patchSize: 2 }))).toBe('IMAGE_TENSOR');
  });
});

test('interpolate refuses tables of weights that would fill the memory, before making them', () => {
  const one = tensor(1, 1);
  expect(() => library.interpolate(one, { size: { height: 1, width: 100_000_000 }, mode: 'bicubic' })).toThrow(
    'the table of weights would be 4×100000000, 400000000 in all',
  );
});
