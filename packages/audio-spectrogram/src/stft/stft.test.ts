import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signal } from '../../test/feature-goldens.js';
import { noise } from '../../test/noise.js';
import { windowFunction } from '../window.js';
import { istft } from './istft.js';
import { type StftOptions, stft } from './stft.js';

const golden = (name: string): Float32Array =>
  new Float32Array(new Uint8Array(gunzipSync(readFileSync(new URL(`../../test/goldens/stft/${name}.f32.gz`, import.meta.url)))).buffer);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a).toHaveLength(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe('as torch 1.13', () => {
  const samples = signal('chirp_100_7000_1s').subarray(0, 2000);
  const options = { fftLength: 256, hopLength: 64 };

  test('there and back', () => {
    const { real, imaginary } = stft(samples, options);
    expect(real.dims).toEqual([129, 32]);
    expect(imaginary.dims).toEqual([129, 32]);
    // The original is in float32, and its sums are as large as 50.
    expect(largestDifference(real.data, golden('stft_re'))).toBeLessThan(1e-5);
    expect(largestDifference(imaginary.data, golden('stft_im'))).toBeLessThan(1e-5);
    expect(largestDifference(istft({ real, imaginary }, options), golden('istft'))).toBeLessThan(5e-7);
  });

  test('the spectrum of its own frames goes back too', () => {
    const [real, imaginary] = ['stft_re', 'stft_im'].map((name) => ({ type: 'float32' as const, dims: [129, 32], data: golden(name) }));
    const back = istft({ real: real!, imaginary: imaginary! }, { ...options, length: 2200 });
    expect(largestDifference(back.subarray(0, 1984), golden('istft'))).toBeLessThan(5e-7);
    // Beyond the last frame nothing is known.
    expect([...back.subarray(2112)].every((x) => x === 0)).toBe(true);
  });
});

/** Frame by frame from the definition. */
function direct(samples: ArrayLike<number>, start: number, window: Float64Array, b: number): [number, number] {
  let [re, im] = [0, 0];
  for (let j = 0; j < window.length; j++) {
    const angle = (-2 * Math.PI * ((j * b) % window.length)) / window.length;
    re += samples[start + j]! * window[j]! * Math.cos(angle);
    im += samples[start + j]! * window[j]! * Math.sin(angle);
  }
  return [re, im];
}

/** What torch.nn.functional.pad makes of 0.1 … 0.5 and a pad of 3, in tenths. */
const padded = {
  reflect: [4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2],
  constant: [0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0],
  replicate: [1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5],
  circular: [3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3],
} as const;

test.each(Object.entries(padded))('frames are padded by %s', (padMode, expected) => {
  const window = windowFunction('hamming', 7);
  const { real, imaginary } = stft(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5), {
    fftLength: 7,
    hopLength: 2,
    window,
    padMode: padMode as 'reflect',
  });
  expect(real.dims).toEqual([4, 3]);
  for (let b = 0; b < 4; b++) {
    for (let i = 0; i < 3; i++) {
      const [re, im] = direct(
        expected.map((tenth) => tenth / 10),
        2 * i,
        window,
        b,
      );
      expect(real.data[b * 3 + i]).toBeCloseTo(re, 5);
      expect(imaginary.data[b * 3 + i]).toBeCloseTo(im, 5);
    }
  }
});

test('a shorter window stands in the middle, and a spectrum may be divided or whole', () => {
  const samples = noise(40, 2);
  const window = Float64Array.of(0, 0, ...windowFunction('hann', 5), 0, 0, 0);
  const given = { fftLength: 10, hopLength: 3, center: false, winLength: 5, onesided: false } as const;
  const { real, imaginary } = stft(samples, { ...given, normalized: 'frameLength' });
  const byPower = stft(samples, { ...given, normalized: 'window' });
  expect(real.dims).toEqual([10, 11]);
  const power = window.reduce((sum, factor) => sum + factor * factor, 0);
  for (let b = 0; b < 10; b++) {
    const [re, im] = direct(samples, 6, window, b);
    expect(real.data[b * 11 + 2]).toBeCloseTo(re / Math.sqrt(10), 6);
    expect(imaginary.data[b * 11 + 2]).toBeCloseTo(im / Math.sqrt(10), 6);
    expect(byPower.real.data[b * 11 + 2]).toBeCloseTo(re / Math.sqrt(power), 6);
  }
});

describe('for any signal', () => {
  const cases = fc.record({
    length: fc.integer({ min: 120, max: 700 }),
    fftLength: fc.integer({ min: 1, max: 200 }),
    hopParts: fc.double({ min: 0, max: 0.5, noNaN: true }),
    window: fc.constantFrom('hann' as const, 'hamming' as const, 'rectangular' as const),
    padMode: fc.constantFrom('reflect' as const, 'constant' as const, 'replicate' as const, 'circular' as const),
    normalized: fc.constantFrom('frameLength' as const, 'window' as const, null),
    onesided: fc.boolean(),
    seed: fc.nat(),
  });

  test('istft(stft(x)) is x', () => {
    fc.assert(
      fc.property(cases, ({ length, hopParts, seed, ...rest }) => {
        // A Hann window begins with 0: at half its length, hops leave samples that one window alone covers.
        const hopLength = Math.max(1, Math.floor((rest.fftLength - 1) * hopParts));
        const options = { ...rest, hopLength };
        const samples = noise(length, seed % 1e6);
        if (rest.fftLength < 4 && rest.window === 'hann') return;
        // Samples behind the last whole hop stand in no frame, but for those that reach beyond.
        const back = istft(stft(samples, options), { ...options, length });
        const covered = Math.floor((length + 2 * (rest.fftLength >> 1) - rest.fftLength) / hopLength) * hopLength;
        expect(largestDifference(back.subarray(0, covered), samples.subarray(0, covered))).toBeLessThan(1e-5);
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  test('it is linear', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: -0.5, max: 0.5, noNaN: true }), ({ length, hopParts: _, seed, ...options }, factor) => {
        const [x, y] = [noise(length, seed % 1e6), noise(length, (seed % 1e6) + 1)];
        const sum = stft(
          x.map((value, i) => value + factor * y[i]!),
          options,
        );
        const [a, b] = [stft(x, options), stft(y, options)];
        for (const part of ['real', 'imaginary'] as const) {
          const expected = a[part].data.map((value, i) => value + factor * b[part].data[i]!);
          expect(largestDifference(sum[part].data, expected)).toBeLessThan(3e-5);
        }
      }),
      { seed: 12, numRuns: 60 },
    );
  });
});

describe('short signals', () => {
  test.each([
    [0, { padMode: 'reflect' }, /0 samples, but padding by 4 .* needs at least 5/],
    [4, { padMode: 'reflect' }, /4 samples/],
    [3, { padMode: 'circular' }, /needs at least 4/],
    [0, { padMode: 'replicate' }, /needs at least 1/],
    [7, { center: false }, /7 samples, but a frame has 8/],
  ] as const)('%i samples with %p are too few', (length, options, message) => {
    expect(() => stft(new Float32Array(length), { fftLength: 8, ...options })).toThrow(
      expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }),
    );
    expect(() => stft(new Float32Array(length), { fftLength: 8, ...options })).toThrow(message);
  });

  test.each([
    [5, { padMode: 'reflect' }, 3],
    [4, { padMode: 'circular' }, 3],
    [1, { padMode: 'replicate' }, 1],
    [1, { padMode: 'constant' }, 1],
    [0, { padMode: 'constant' }, 1],
    [8, { center: false }, 1],
  ] as const)('%i samples with %p are enough', (length, options, frames) => {
    expect(stft(new Float32Array(length), { fftLength: 8, ...options }).real.dims).toEqual([5, frames]);
  });
});

test.each<[string, unknown, string]>([
  ['no options', undefined, 'AUDIO_OPTION'],
  ['null', null, 'AUDIO_OPTION'],
  ['no length', {}, 'AUDIO_FRAME'],
  ['a hop of 0', { fftLength: 8, hopLength: 0 }, 'AUDIO_FRAME'],
  ['a window longer than a frame', { fftLength: 8, winLength: 9 }, 'AUDIO_FRAME'],
  ['a window of another length', { fftLength: 8, window: new Float64Array(7), winLength: 8 }, 'AUDIO_WINDOW'],
  ['a window that is not finite', { fftLength: 2, window: Float64Array.of(1, Number.NaN) }, 'AUDIO_WINDOW'],
  ['a window without power to divide by', { fftLength: 8, window: new Float64Array(8), normalized: 'window' }, 'AUDIO_WINDOW'],
  ['a window of too much power', { fftLength: 1, window: Float64Array.of(1e200), normalized: 'window' }, 'AUDIO_WINDOW'],
  ['an unknown window', { fftLength: 8, window: 'hanning' }, 'AUDIO_OPTION'],
  ['a window that is a list', { fftLength: 8, window: [1, 2] }, 'AUDIO_OPTION'],
  ['an unknown padding', { fftLength: 8, padMode: 'edge' }, 'AUDIO_OPTION'],
  ['an unknown padding that is not needed', { fftLength: 8, padMode: 'edge', center: false }, 'AUDIO_OPTION'],
  ['an unknown norm', { fftLength: 8, normalized: true }, 'AUDIO_OPTION'],
  ['a word for a flag', { fftLength: 8, center: 'false' }, 'AUDIO_OPTION'],
  ['a word for another flag', { fftLength: 8, onesided: 'false' }, 'AUDIO_OPTION'],
  ['a word for a listener', { fftLength: 8, onWarning: 'x' }, 'AUDIO_OPTION'],
  ["torch's names", { n_fft: 8 }, 'AUDIO_OPTION'],
  ['more values than memory holds', { fftLength: 2 ** 20, hopLength: 1, padMode: 'constant' }, 'AUDIO_TOO_LARGE'],
])('%s is refused', (_, options, code) => {
  expect(() => stft(new Float32Array(2000), options as StftOptions)).toThrow(expect.objectContaining({ code }));
});

test('the parts have dims of their own', () => {
  const { real, imaginary } = stft(new Float32Array(20), { fftLength: 8 });
  expect(real.dims).not.toBe(imaginary.dims);
});

test('a window of zeros is silence where nothing is divided by it', () => {
  const { real } = stft(noise(40), { fftLength: 8, window: new Float64Array(8), normalized: 'frameLength' });
  expect(real.data.every((value) => value === 0)).toBe(true);
});

describe('istft refuses', () => {
  const options = { fftLength: 8, hopLength: 2 };
  const spectrogram = stft(noise(40), options);

  test.each([
    ['tensors of other options', spectrogram, { ...options, fftLength: 10 }, 'AUDIO_SPECTROGRAM'],
    ['parts that differ', { ...spectrogram, imaginary: { ...spectrogram.real, dims: [5, 20] } }, options, 'AUDIO_SPECTROGRAM'],
    ['options that are missing', spectrogram, undefined, 'AUDIO_OPTION'],
    ['an option of no one', spectrogram, { ...options, n_fft: 8 }, 'AUDIO_OPTION'],
    ['a word for a flag', spectrogram, { ...options, onesided: 'no' }, 'AUDIO_OPTION'],
    ['no spectrogram', undefined, options, 'AUDIO_SPECTROGRAM'],
    ['dims that are a word', { real: { ...spectrogram.real, dims: '5x' }, imaginary: spectrogram.imaginary }, options, 'AUDIO_SPECTROGRAM'],
    ['a missing part', { real: spectrogram.real }, options, 'AUDIO_SPECTROGRAM'],
    ['a hop beyond the window', spectrogram, { ...options, winLength: 1 }, 'AUDIO_FRAME'],
    ['a length that is none', spectrogram, { ...options, length: 1.5 }, 'AUDIO_OPTION'],
    ['more samples than memory holds', spectrogram, { ...options, length: 2 ** 40 }, 'AUDIO_TOO_LARGE'],
    ['windows that leave a gap at the start', spectrogram, { ...options, center: false }, 'AUDIO_WINDOW'],
    ['windows that leave gaps', spectrogram, { ...options, window: Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0) }, 'AUDIO_WINDOW'],
  ])('%s', (_, given, given2, code) => {
    expect(() => istft(given as never, given2 as never)).toThrow(expect.objectContaining({ code }));
  });
});
