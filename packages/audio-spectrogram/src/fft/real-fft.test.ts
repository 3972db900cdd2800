import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { realFft } from './real-fft.js';

/** The definition, with angles reduced exactly. */
function direct(input: ArrayLike<number>, bins: number): { re: Float64Array; im: Float64Array } {
  const { length } = input;
  const cos = Float64Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * i) / length));
  const sin = Float64Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * i) / length));
  const re = new Float64Array(bins);
  const im = new Float64Array(bins);
  for (let k = 0; k < bins; k++) {
    for (let j = 0; j < length; j++) {
      re[k]! += input[j]! * cos[(j * k) % length]!;
      im[k]! -= input[j]! * sin[(j * k) % length]!;
    }
  }
  return { re, im };
}

function noise(length: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}

function forward(input: Float64Array): { re: Float64Array; im: Float64Array } {
  const fft = realFft(input.length);
  const [re, im] = [new Float64Array(fft.bins), new Float64Array(fft.bins)];
  fft.forward(input, re, im);
  return { re, im };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

const lengths = [
  ...Array.from({ length: 130 }, (_, i) => i + 1),
  160,
  200,
  240,
  256,
  320,
  400,
  480,
  512,
  551,
  600,
  640,
  800,
  1009,
  1024,
  1102,
];

test.each(lengths)('a transform of %i numbers is its definition, and goes back', (length) => {
  const input = noise(length, length);
  const { re, im } = forward(input);
  const expected = direct(input, re.length);
  expect(re).toHaveLength(Math.floor(length / 2) + 1);
  expect(largestDifference(re, expected.re)).toBeLessThan(1e-12 * (1 + length / 30));
  expect(largestDifference(im, expected.im)).toBeLessThan(1e-12 * (1 + length / 30));
  const back = new Float64Array(length);
  realFft(length).inverse(re, im, back);
  expect(largestDifference(back, input)).toBeLessThan(1e-14 * (1 + length / 100));
});

test.each([2 ** 14, 10_007, 44_100, 65_537, 2 * 32_771])('long ones and large primes too: %i', (length) => {
  const input = noise(length);
  const { re, im } = forward(input);
  // Parseval: the energy is that of the samples.
  let energy = 0;
  let sum = 0;
  for (let k = 0; k < re.length; k++) sum += (k === 0 || 2 * k === length ? 1 : 2) * (re[k]! ** 2 + im[k]! ** 2);
  for (const x of input) energy += x * x;
  expect(Math.abs(sum / length / energy - 1)).toBeLessThan(1e-12);
  const k = 1234;
  let [real, imaginary] = [0, 0];
  for (let j = 0; j < length; j++) {
    const angle = (-2 * Math.PI * ((j * k) % length)) / length;
    real += input[j]! * Math.cos(angle);
    imaginary += input[j]! * Math.sin(angle);
  }
  expect(re[k]).toBeCloseTo(real, 8);
  expect(im[k]).toBeCloseTo(imaginary, 8);
  const back = new Float64Array(length);
  realFft(length).inverse(re, im, back);
  expect(largestDifference(back, input)).toBeLessThan(1e-12);
});

describe('for any length', () => {
  const signals = fc.integer({ min: 1, max: 700 }).chain((length) => {
    const samples = fc.float64Array({ min: -1, max: 1, minLength: length, maxLength: length, noNaN: true });
    return fc.tuple(samples, samples, fc.double({ min: -2, max: 2, noNaN: true }));
  });

  test('energy is kept (Parseval)', () => {
    fc.assert(
      fc.property(signals, ([x]) => {
        const { re, im } = forward(x);
        const weight = (k: number) => (k === 0 || 2 * k === x.length ? 1 : 2);
        const sum = re.reduce((total, real, k) => total + weight(k) * (real ** 2 + im[k]! ** 2), 0) / x.length;
        const energy = x.reduce((total, value) => total + value * value, 0);
        expect(Math.abs(sum - energy)).toBeLessThanOrEqual(1e-12 * (1 + energy));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('it is linear', () => {
    fc.assert(
      fc.property(signals, ([x, y, factor]) => {
        const [a, b, both] = [forward(x), forward(y), forward(x.map((value, i) => value + factor * y[i]!))];
        expect(
          largestDifference(
            both.re,
            a.re.map((value, k) => value + factor * b.re[k]!),
          ),
        ).toBeLessThan(1e-10);
        expect(
          largestDifference(
            both.im,
            a.im.map((value, k) => value + factor * b.im[k]!),
          ),
        ).toBeLessThan(1e-10);
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});

test('imaginary parts of frequency 0 and of half the rate count for nothing', () => {
  for (const length of [1, 5, 6, 8]) {
    const fft = realFft(length);
    const re = noise(fft.bins, 3);
    const im = noise(fft.bins, 4);
    const [a, b] = [new Float64Array(length), new Float64Array(length)];
    fft.inverse(re, im, a);
    im[0] = 0;
    if (length % 2 === 0) im[length / 2] = 0;
    fft.inverse(re, im, b);
    expect(a).toEqual(b);
  }
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 20 + 1, '400'])('a length of %p is refused', (length) => {
  expect(() => realFft(length as number)).toThrow(expect.objectContaining({ code: 'AUDIO_FRAME' }));
});

test('arrays of other lengths are refused', () => {
  const fft = realFft(8);
  const [samples, bins] = [new Float64Array(8), new Float64Array(5)];
  const refused = expect.objectContaining({ code: 'AUDIO_FRAME', message: expect.stringMatching(/but 8 and 5 each were expected/) });
  expect(() => fft.forward(new Float64Array(7), bins, bins.slice())).toThrow(refused);
  expect(() => fft.forward(samples, bins, new Float64Array(4))).toThrow(refused);
  expect(() => fft.inverse(new Float64Array(8), bins, samples)).toThrow(refused);
  expect(() => fft.inverse(bins, bins.slice(), new Float32Array(9))).toThrow(refused);
});
