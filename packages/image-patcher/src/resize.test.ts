import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import hamming from '../test/goldens/hamming.json' with { type: 'json' };
import { goldenBytes, goldens, noise, sha256 } from '../test/goldens.js';
import { crop } from './crop.js';
import { filterNames } from './filters.js';
import { createResizer, type ResizeOptions, resize } from './resize.js';

const filters = fc.constantFrom(...filterNames);
const side = fc.integer({ min: 1, max: 40 });

describe('against Pillow 9.4', () => {
  test.each(goldens.resize)('$source with $filter to $toWidth×$toHeight', (row) => {
    const { width, height, channels, filter } = row;
    const image = { data: goldenBytes(row.source), width, height, channels };
    expect(sha256(resize(image, { width: row.toWidth, height: row.toHeight, filter }).data)).toBe(row.sha256);
  });

  test.each(goldens.random)('noise $seed: $channels channels, $filter, $width×$height → $toWidth×$toHeight, box $box', (row) => {
    const image = noise(row.width, row.height, row.channels, row.seed);
    const { filter, box } = row;
    expect(sha256(resize(image, { width: row.toWidth, height: row.toHeight, filter, ...(box && { box }) }).data)).toBe(row.sha256);
  });
});

describe("hamming, whose constants are of C's float", () => {
  test.each(hamming.rows)('noise $seed: $channels channels, $width×$height → $toWidth×$toHeight', (row) => {
    const image = noise(row.width, row.height, row.channels, row.seed);
    expect(sha256(resize(image, { width: row.toWidth, height: row.toHeight, filter: 'hamming' }).data)).toBe(row.sha256);
  });
});

describe('properties', () => {
  test('a resize to the same size is the identity', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 4 }), filters, (width, height, channels, filter) => {
        const image = noise(width, height, channels);
        expect(resize(image, { width, height, filter }).data).toEqual(image.data);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('a picture of one colour stays so, whatever its box, its window and its channels', () => {
    fc.assert(
      fc.property(
        fc.record({ width: side, height: side, w: side, h: side, channels: fc.integer({ min: 1, max: 4 }), filter: filters }),
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 4, maxLength: 4 }),
        ({ width, height, w, h, channels, filter }, color, [a, b, c, d]) => {
          const data = Uint8Array.from({ length: width * height * channels }, (_, i) => color[i % channels]!);
          const [left, top] = [a! * width, b! * height];
          const box = [left, top, left + (width - left) * (1 - c!), top + (height - top) * (1 - d!)] as const;
          const [x, y] = [Math.floor(c! * w), Math.floor(d! * h)];
          const window = { left: x, top: y, width: w - x, height: h - y };
          const image = { data, width, height, channels };
          const options = { width: w, height: h, filter, box, window };
          const whole = (level: (channel: number) => number) =>
            Uint8Array.from({ length: window.width * window.height * channels }, (_, i) => level(i % channels));
          expect(resize(image, { ...options, alpha: 'none' }).data).toEqual(whole((channel) => color[channel]!));
          // Premultiplied, a colour keeps its alpha, and is one colour still.
          const found = resize(image, options).data;
          expect(found).toEqual(whole((channel) => (channels % 2 === 0 ? found[channel]! : color[channel]!)));
          if (channels % 2 === 0) expect(found[channels - 1]).toBe(color[channels - 1]);
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  test('a window of the result is that part of the whole result', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        filters,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(1000),
        (width, height, w, h, filter, channels, at) => {
          const image = noise(width, height, channels);
          const left = at % w;
          const top = at % h;
          const window = { left, top, width: w - left - ((at >> 3) % (w - left)), height: h - top - ((at >> 5) % (h - top)) };
          const part = resize(image, { width: w, height: h, filter, window });
          expect(part).toEqual(crop(resize(image, { width: w, height: h, filter }), window));
        },
      ),
      { seed: 3, numRuns: 150 },
    );
  });

  test('a resizer that keeps tables gives what resize gives, however many sizes pass through it', () => {
    const resizer = createResizer();
    for (let i = 0; i < 80; i++) {
      const image = noise(10 + (i % 23), 17, 3, i);
      const options = { width: 1 + (i % 19), height: 9, filter: filterNames[i % 6]! };
      expect(resizer(image, options)).toEqual(resize(image, options));
    }
  });

  test('the input is left as it was, and an ImageData-like picture without channels is accepted', () => {
    const image = { data: new Uint8ClampedArray(noise(9, 7, 4).data), width: 9, height: 7 };
    const before = image.data.slice();
    expect(resize(image, { width: 4, height: 4 }).channels).toBe(4);
    expect(image.data).toEqual(before);
  });

  test('channels that are not alpha are resized independently when told so', () => {
    const image = noise(12, 9, 4);
    const together = resize(image, { width: 5, height: 4, alpha: 'none' }).data;
    for (let c = 0; c < 4; c++) {
      const plane = { data: image.data.filter((_, i) => i % 4 === c), width: 12, height: 9 };
      expect(together.filter((_, i) => i % 4 === c)).toEqual(resize(plane, { width: 5, height: 4 }).data);
    }
  });
});

describe('bad input', () => {
  const image = noise(4, 4, 3);
  test.each<[string, Partial<ResizeOptions>, string]>([
    ['width 0', { width: 0 }, 'IMAGE_DIMENSIONS'],
    ['negative height', { height: -2 }, 'IMAGE_DIMENSIONS'],
    ['fractional width', { width: 2.5 }, 'IMAGE_DIMENSIONS'],
    ['NaN', { width: Number.NaN }, 'IMAGE_DIMENSIONS'],
    ['a result of 10¹⁰ pixels', { width: 100_000, height: 100_000 }, 'IMAGE_TOO_LARGE'],
    ['an unknown filter', { filter: 'cubic' as 'bicubic' }, 'IMAGE_FILTER'],
    ['a box outside', { box: [0, 0, 5, 4] }, 'IMAGE_BOX'],
    ['an empty box', { box: [2, 2, 2, 4] }, 'IMAGE_BOX'],
    ['a NaN box', { box: [Number.NaN, 0, 4, 4] }, 'IMAGE_BOX'],
    ['a box of three', { box: [0, 0, 1] as unknown as ResizeOptions['box'] }, 'IMAGE_BOX'],
    ['a box of five', { box: [0, 0, 1, 1, 1] as unknown as ResizeOptions['box'] }, 'IMAGE_BOX'],
    ['a box in words', { box: '0,0,1,1' as unknown as ResizeOptions['box'] }, 'IMAGE_BOX'],
    ['a box that is null', { box: null as unknown as ResizeOptions['box'] }, 'IMAGE_BOX'],
    ['a box of names', { box: { left: 0, top: 0, right: 1, bottom: 1 } as unknown as ResizeOptions['box'] }, 'IMAGE_BOX'],
    ['a window that is null', { window: null as unknown as ResizeOptions['window'] }, 'IMAGE_OPTIONS'],
    ['a misspelt alpha', { alpha: 'premultiplied' as 'none' }, 'IMAGE_MODE'],
    ['a window outside', { window: { left: 1, top: 0, width: 2, height: 1 } }, 'IMAGE_BOX'],
  ])('%s is refused', (_, options, code) => {
    expect(() => resize(image, { width: 2, height: 2, ...options })).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['too short', { data: new Uint8Array(12), width: 4, height: 4, channels: 3 }, 'IMAGE_DIMENSIONS'],
    ['too long', { data: new Uint8Array(49), width: 4, height: 4, channels: 3 }, 'IMAGE_DIMENSIONS'],
    ['detached', { data: structuredCloneAway(new Uint8Array(48)), width: 4, height: 4, channels: 3 }, 'IMAGE_DIMENSIONS'],
    ['five channels', { data: new Uint8Array(80), width: 4, height: 4, channels: 5 }, 'IMAGE_CHANNELS'],
    ['no array', { data: [1, 2, 3] as unknown as Uint8Array, width: 1, height: 1 }, 'IMAGE_DIMENSIONS'],
  ])('data that is %s is refused', (_, broken, code) => {
    expect(() => resize(broken, { width: 2, height: 2 })).toThrow(expect.objectContaining({ code }));
  });

  test('tables of weights that would fill the memory are refused before they are made', () => {
    const strip = { data: new Uint8Array(30_000_000), width: 1, height: 30_000_000, channels: 1 };
    expect(() => resize(strip, { width: 1, height: 20_000_000, filter: 'lanczos' })).toThrow(
      'the table of weights would be 11×20000000, 220000000 in all',
    );
  });

  test('the message says what was given, what was expected, and what to do', () => {
    expect(() => resize({ data: new Uint8Array(12), width: 4, height: 4, channels: 3 }, { width: 2, height: 2 })).toThrow(
      'image data has 12 bytes, but 4×4 RGB needs 48. Pass width and height of the decoded image',
    );
  });

  test('a strip of 1×30,000 is resized to a window without the long strip in memory', () => {
    const strip = noise(1, 30_000, 3);
    const window = { left: 0, top: 3_359_888, width: 224, height: 224 };
    expect(resize(strip, { width: 224, height: 6_720_000, window }).height).toBe(224);
    expect(() => resize(strip, { width: 224, height: 6_720_000 })).toThrow(expect.objectContaining({ code: 'IMAGE_TOO_LARGE' }));
  });
});

/** Moves the bytes away, as `postMessage` with a transfer list does. */
function structuredCloneAway(bytes: Uint8Array): Uint8Array {
  structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  return bytes;
}
