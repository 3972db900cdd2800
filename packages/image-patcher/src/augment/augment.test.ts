import { describe, expect, test } from '@jest/globals';
import { createRandom, type Image } from '@polymodal/modality-registry';
import fc from 'fast-check';
import goldens from '../../test/goldens/augment.json' with { type: 'json' };
import { noise, sha256 } from '../../test/goldens.js';
import { type AffineOptions, affine } from './affine.js';
import { type Augmentation, augment } from './augment.js';
import { adjustBrightness, adjustContrast, adjustSaturation } from './color.js';
import { exp, log, sinCos } from './elementary.js';
import { adjustHue } from './hue.js';
import { centralRectangle, sampleRectangle } from './sample-rectangle.js';
import { colorJitter, horizontalFlip, randomAffine, randomErase, randomGrey, randomResizedCrop } from './steps.js';

const { abs } = Math;

const operations: Readonly<Record<string, (image: Image, factor: number) => Image>> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
};

test.each(goldens.rows)("$op of $width×$height×$channels, number $seed, is torchvision's", (row) => {
  const { op, seed, width, height, channels, factor, sha256: expected } = row;
  const image = noise(width, height, channels, seed);
  const { angle, translate, scale, shear, fill } = row as AffineOptions;
  const found =
    op === 'affine' ? affine(image, { angle, translate, scale, shear, fill } as AffineOptions) : operations[op]!(image, factor!);
  expect(sha256(found.data)).toBe(expected);
});

const everything = augment(
  randomResizedCrop({ width: 24, height: 20 }),
  horizontalFlip(),
  randomAffine({ degrees: 20, translate: [0.1, 0.1], scale: [0.9, 1.1], shear: 10, fill: 128 }),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
  randomGrey(),
  randomErase(),
);

describe('a composition', () => {
  test('is a function of the picture and the seed alone, and leaves the picture as it was', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (seed, width, height, channels) => {
          const image = noise(width, height, channels);
          const before = image.data.slice();
          const found = everything(image, seed);
          everything(image, seed + 1 > Number.MAX_SAFE_INTEGER ? 0 : seed + 1);
          expect(everything(image, seed)).toEqual(found);
          expect([found.width, found.height, found.channels]).toEqual([24, 20, channels]);
          expect(image.data).toEqual(before);
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  test('seeds that differ, also beyond 32 bits, give pictures that differ', () => {
    const image = noise(32, 32, 3);
    const hashes = [0, 1, 2, 3, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map((seed) => sha256(everything(image, seed).data));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('a step draws the same whatever the others draw', () => {
    const image = noise(16, 16, 3);
    const greedy: Augmentation = (given, random) => {
      for (let i = 0; i < 100; i++) random.uniform();
      return given;
    };
    const still: Augmentation = (given) => given;
    for (let seed = 0; seed < 10; seed++) {
      expect(augment(greedy, randomErase({ probability: 1 }))(image, seed)).toEqual(
        augment(still, randomErase({ probability: 1 }))(image, seed),
      );
    }
  });

  test('no steps are the identity', () => {
    const image = noise(3, 3, 3);
    expect(augment()(image, 1)).toBe(image);
  });
});

describe('draws', () => {
  test('are even: every tenth of [0, 1) has a tenth of them, within seeds and across them', () => {
    const across = (draw: (i: number) => number) => {
      const counts = Array<number>(10).fill(0);
      for (let i = 0; i < 10_000; i++) counts[Math.floor(draw(i) * 10)]!++;
      for (const count of counts) expect(abs(count - 1000)).toBeLessThan(150); // five standard deviations
    };
    const random = createRandom(7);
    across(() => random.uniform());
    across((seed) => createRandom(seed).uniform());
    across((step) => createRandom(1).fork(step).uniform());
  });

  test('probabilities are kept', () => {
    const image: Image = { data: Uint8Array.of(0, 0, 0, 255, 255, 255), width: 2, height: 1 };
    const flip = augment(horizontalFlip(0.3));
    let flipped = 0;
    for (let seed = 0; seed < 2000; seed++) flipped += flip(image, seed).data[0] === 255 ? 1 : 0;
    expect(abs(flipped - 600)).toBeLessThan(105); // five standard deviations
    expect(augment(horizontalFlip(0))(image, 1)).toEqual(image);
    expect(augment(horizontalFlip(1))(image, 1).data).toEqual(Uint8Array.of(255, 255, 255, 0, 0, 0));
  });

  test('rectangles lie in the picture, within the area and the shape that were asked for', () => {
    for (let seed = 0; seed < 500; seed++) {
      const part = sampleRectangle({ width: 200, height: 150 }, [0.08, 1], [3 / 4, 4 / 3], createRandom(seed));
      if (!part) continue;
      const { left, top, width, height } = part;
      expect(left >= 0 && top >= 0 && left + width <= 200 && top + height <= 150).toBe(true);
      expect((width * height) / 30_000).toBeGreaterThan(0.078);
      expect(width / height).toBeGreaterThan(0.73);
      expect(width / height).toBeLessThan(1.36);
    }
    expect(sampleRectangle({ width: 100, height: 1 }, [0.5, 1], [1, 1], createRandom(1))).toBeUndefined();
  });

  test('where no rectangle fits, the middle is taken', () => {
    expect(centralRectangle({ width: 100, height: 10 }, [3 / 4, 4 / 3])).toEqual({ left: 43, top: 0, width: 13, height: 10 });
    expect(centralRectangle({ width: 10, height: 100 }, [3 / 4, 4 / 3])).toEqual({ left: 0, top: 43, width: 10, height: 13 });
    expect(centralRectangle({ width: 10, height: 10 }, [3 / 4, 4 / 3])).toEqual({ left: 0, top: 0, width: 10, height: 10 });
  });
});

test('sine, cosine, exponential and logarithm are those of Math, to the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => {
      const [sin, cos] = sinCos(x);
      expect(abs(sin - Math.sin(x))).toBeLessThan(3e-16);
      expect(abs(cos - Math.cos(x))).toBeLessThan(3e-16);
      expect(abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(2e-14);
      expect(abs(log(Math.exp(x)) - Math.log(Math.exp(x)))).toBeLessThan(2e-14);
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test('a constant picture stays so under a change of shape, and grey stays under a change of hue or saturation', () => {
  const flat: Image = { data: new Uint8Array(30 * 20 * 3).fill(77), width: 30, height: 20 };
  const shaped = augment(randomResizedCrop({ width: 9, height: 9 }), randomAffine({ degrees: 180, scale: [0.5, 2], shear: 30, fill: 77 }));
  for (let seed = 0; seed < 20; seed++) {
    expect(new Set(shaped(flat, seed).data)).toEqual(new Set([77]));
    expect(augment(colorJitter({ hue: 0.5, saturation: 1 }))(flat, seed).data).toEqual(flat.data);
  }
  expect(adjustHue(noise(5, 5, 1), 0.3)).toEqual(noise(5, 5, 1));
});

describe('bad input', () => {
  const image = noise(4, 4, 3);
  test.each<[string, () => unknown, string]>([
    ['a probability of 2', () => horizontalFlip(2), 'IMAGE_AUGMENT'],
    ['a probability of NaN', () => randomGrey(Number.NaN), 'IMAGE_AUGMENT'],
    ['a scale that runs backwards', () => randomResizedCrop({ width: 4, height: 4, scale: [1, 0.5] }), 'IMAGE_AUGMENT'],
    ['more than the whole', () => randomErase({ scale: [0.5, 2] }), 'IMAGE_AUGMENT'],
    ['a ratio of 0', () => randomErase({ ratio: [0, 1] }), 'IMAGE_AUGMENT'],
    ['a size of 0', () => randomResizedCrop({ width: 0, height: 4 }), 'IMAGE_DIMENSIONS'],
    ['a negative brightness', () => colorJitter({ brightness: -1 }), 'IMAGE_AUGMENT'],
    ['a hue beyond half the circle', () => colorJitter({ hue: 0.6 }), 'IMAGE_AUGMENT'],
    ['a hue shift of NaN', () => adjustHue(image, Number.NaN), 'IMAGE_AUGMENT'],
    ['a factor below 0', () => adjustContrast(image, -0.1), 'IMAGE_AUGMENT'],
    ['a scale of 0', () => affine(image, { scale: 0 }), 'IMAGE_AUGMENT'],
    ['an angle of infinity', () => affine(image, { angle: Number.POSITIVE_INFINITY }), 'IMAGE_AUGMENT'],
    ['a shear of 90 degrees', () => affine(image, { shear: [90, 0] }), 'IMAGE_AUGMENT'],
    ['a colour of another picture', () => affine(image, { fill: [1, 2] }), 'IMAGE_COLOR'],
    ['a fraction as seed', () => everything(image, 0.5), 'IMAGE_AUGMENT'],
    ['a negative seed', () => everything(image, -1), 'IMAGE_AUGMENT'],
    ['a step that is no function', () => augment('flip' as unknown as Augmentation), 'IMAGE_AUGMENT'],
    ['no picture', () => everything({ ...image, width: 5 }, 1), 'IMAGE_DIMENSIONS'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
