import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import { type Augmentation, augment, inputSize, pixelMean, pixelStd } from './augment.js';
import { pictureBytes, sourceSize } from './pictures.js';
import { starterSettings } from './settings.js';

const values = 3 * inputSize * inputSize;
const unchanged: Augmentation = {
  rotation: 0,
  scale: [1, 1],
  stretch: 0,
  shear: 0,
  shift: 0,
  hue: 0,
  grey: 0,
  colour: 0,
  background: 0,
  outline: 0,
  blur: 0,
};

/** Premultiplied noise, some of it transparent. */
function noise(pictures = 1): Uint8Array {
  const random = createRandom(3);
  const data = new Uint8Array(pictures * pictureBytes);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = random.integer(4) === 0 ? 0 : random.integer(256);
    for (let c = 0; c < 3; c++) data[i + c] = random.integer(alpha + 1);
    data[i + 3] = alpha;
  }
  return data;
}

function view(source: Uint8Array, settings: Augmentation, seed: number, index = 0): Float32Array {
  const out = new Float32Array(values);
  augment(source, index, settings, createRandom(seed), out, 0);
  return out;
}

/** From 48 to 32 pixels every second sample lies at a quarter after one pixel, every other at three quarters. */
function sample(source: Uint8Array, x: number, y: number, channel: number): number {
  const axis = (i: number): readonly (readonly [number, number])[] =>
    i % 2 === 0
      ? [
          [1.5 * i, 0.75],
          [1.5 * i + 1, 0.25],
        ]
      : [
          [1.5 * i - 0.5, 0.25],
          [1.5 * i + 0.5, 0.75],
        ];
  let total = 0;
  for (const [row, rowWeight] of axis(y))
    for (const [column, columnWeight] of axis(x)) total += rowWeight * columnWeight * source[(row * sourceSize + column) * 4 + channel]!;
  return total / 255;
}

describe('a picture that nothing changes', () => {
  test('is the source, resized and laid on white', () => {
    const source = noise();
    const out = view(source, unchanged, 1);
    let worst = 0;
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < inputSize; y++)
        for (let x = 0; x < inputSize; x++) {
          const onWhite = sample(source, x, y, c) + 1 - sample(source, x, y, 3);
          worst = Math.max(worst, Math.abs(out[(c * inputSize + y) * inputSize + x]! - (onWhite - pixelMean) / pixelStd));
        }
    expect(worst).toBeLessThan(1e-5);
  });

  test('is the one that was asked for, and goes where it was told to go', () => {
    const both = noise(2);
    const out = new Float32Array(values + 20).fill(7);
    augment(both, 1, unchanged, createRandom(1), out, 10);
    expect(out.subarray(10, 10 + values)).toEqual(view(both.slice(pictureBytes), unchanged, 1));
    expect([...out.subarray(0, 10), ...out.subarray(10 + values)]).toEqual(Array(20).fill(7));
  });
});

describe('augmentation', () => {
  const { augmentation } = starterSettings;

  test('is the same for the same random stream and another for another', () => {
    const source = noise();
    expect(view(source, augmentation, 5)).toEqual(view(source, augmentation, 5));
    expect(view(source, augmentation, 5)).not.toEqual(view(source, augmentation, 6));
  });

  test('leaves levels between black and white, whatever is drawn', () => {
    const source = noise();
    const strong: Augmentation = { ...augmentation, colour: 3, hue: 3, background: 0.5, outline: 0.5, blur: 0.5 };
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let seed = 0; seed < 60; seed++)
      for (const value of view(source, seed % 2 === 0 ? augmentation : strong, seed)) {
        if (!Number.isFinite(value)) throw new Error(`${value} with seed ${seed}`);
        [low, high] = [Math.min(low, value), Math.max(high, value)];
      }
    expect(low).toBeGreaterThanOrEqual((0 - pixelMean) / pixelStd - 1e-4);
    expect(high).toBeLessThanOrEqual((1 - pixelMean) / pixelStd + 1e-4);
  });

  test('white paper is zero, so that it goes on past the edge where convolutions pad with zeros', () => {
    const out = view(new Uint8Array(pictureBytes), { ...augmentation, background: 0 }, 2);
    expect(out.every((value) => value === 0)).toBe(true);
  });

  test('coloured paper is one colour all over', () => {
    const out = view(new Uint8Array(pictureBytes), { ...augmentation, background: 1, blur: 0 }, 2);
    for (let c = 0; c < 3; c++) expect(new Set(out.subarray((c * values) / 3, ((c + 1) * values) / 3)).size).toBe(1);
    expect(out[0]).not.toBe(0);
  });
});
