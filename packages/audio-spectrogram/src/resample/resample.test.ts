import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noise } from '../../test/noise.js';
import { decoded, distance, TOLERANCE } from '../../test/resample-goldens.js';
import { besselI0, besselTable } from './bessel.js';
import { loadKernel } from './kernel.js';
import { planOf, type ResampleOptions } from './options.js';
import { resample, resampleWith } from './resample.js';

const goldens = decoded(JSON.parse(readFileSync(new URL('../../test/goldens/resample.json', import.meta.url), 'utf8')));
const { sin, cos, PI, abs, min, max, round, ceil } = Math;
const rates = [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 44_100.5, 12_345];
const methods: readonly ResampleOptions[] = [{}, { method: 'sinc_interp_kaiser', lowpassFilterWidth: 32 }, { method: 'polyphase' }];
const anyRate = fc.constantFrom(...rates);
const anyMethod = fc.constantFrom(...methods);
const limited = { seed: 7, numRuns: 40 };

const sine = (frequency: number, sampleRate: number, length: number) => ({
  data: Float32Array.from({ length }, (_, i) => sin((2 * PI * frequency * i) / sampleRate)),
  sampleRate,
});
/** The largest distance from what `expected` says of each sample, a quarter of the sound left out at either end. */
function apart({ data }: { data: Float32Array }, expected: (i: number) => number): number {
  let largest = 0;
  for (let i = data.length >> 2; i < (data.length * 3) >> 2; i++) largest = max(largest, abs(data[i]! - expected(i)));
  return largest;
}

describe.each([
  ['WebAssembly with SIMD', loadKernel],
  ['plain TypeScript', () => null],
])('%s against torchaudio 0.13.1 and SciPy 1.10.1', (_, kernel) => {
  test.each(goldens)('$name', ({ from, to, options, x, y }) => {
    const { filter, padValue } = planOf(from, to, options)!;
    expect(distance(resampleWith({ data: x, sampleRate: from }, filter, padValue, options, kernel()), y)).toBeLessThanOrEqual(TOLERANCE);
  });
});

test('the public function gives the same as torchaudio and SciPy, and the new rate', () => {
  for (const { from, to, options, x, y } of goldens) {
    const { data, sampleRate } = resample({ data: x, sampleRate: from }, to, options);
    expect(distance(data, y)).toBeLessThanOrEqual(TOLERANCE);
    expect(sampleRate).toBe(to);
  }
});

test('a sine keeps its frequency and level', () => {
  fc.assert(
    fc.property(anyRate, anyRate, anyMethod, fc.double({ min: 0.02, max: 0.25, noNaN: true }), (from, to, options, part) => {
      const lower = min(from, to);
      const frequency = part * lower;
      const sound = resample(sine(frequency, from, round((600 * from) / lower)), to, options);
      expect(apart(sound, (i) => sin((2 * PI * frequency * i) / to))).toBeLessThan(4e-3);
    }),
    limited,
  );
});

test('a constant stays what it is', () => {
  fc.assert(
    fc.property(anyRate, anyRate, anyMethod, fc.double({ min: -1, max: 1, noNaN: true }), (from, to, options, level) => {
      const data = new Float32Array(round((300 * from) / min(from, to))).fill(level);
      expect(apart(resample({ data, sampleRate: from }, to, options), () => level)).toBeLessThan(2e-3);
    }),
    limited,
  );
});

test('what the new rate cannot hold is damped by 54 dB and more, instead of folded back', () => {
  fc.assert(
    fc.property(anyRate, anyRate, anyMethod, (from, to, options) => {
      fc.pre(from > 1.5 * to);
      const frequency = min(0.72 * to, 0.49 * from);
      expect(apart(resample(sine(frequency, from, round((600 * from) / to)), to, options), () => 0)).toBeLessThan(2e-3);
    }),
    limited,
  );
});

test('it is linear', () => {
  fc.assert(
    fc.property(anyRate, anyRate, anyMethod, fc.integer({ min: 1, max: 300 }), fc.nat(), (from, to, options, length, seed) => {
      const [a, b] = [noise(length, seed + 1), noise(length, seed + 2)];
      const [one, other, both] = [a, b, a.map((value, i) => value / 2 - b[i]! / 4)].map(
        (data) => resample({ data, sampleRate: from }, to, options).data,
      ) as [Float32Array, Float32Array, Float32Array];
      expect(
        distance(
          both,
          one.map((value, i) => value / 2 - other[i]! / 4),
        ),
      ).toBeLessThan(1e-6);
    }),
    limited,
  );
});

test('⌈length · rate / sampleRate⌉ samples come out, none of none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), fc.nat({ max: 200 }), (from, to, length) => {
      const { data } = resample({ data: new Float32Array(length), sampleRate: from }, to);
      expect(data.length).toBe(ceil((length * to) / from));
    }),
    { seed: 1, numRuns: 200 },
  );
  expect(resample({ data: new Float32Array(0), sampleRate: 44_100 }, 16_000).data).toEqual(new Float32Array(0));
});

test('at its own rate a sound comes back with the same array, whatever the method', () => {
  const data = noise(10);
  for (const options of methods) expect(resample({ data, sampleRate: 16_000 }, 16_000, options).data).toBe(data);
});

/** The sum that an output is, in float64, as the formula says it. */
function formula(x: Float32Array, from: number, to: number, output: number): number {
  const cutoff = min(from, to) * 0.99;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const time = (i / from - output / to) * cutoff;
    if (abs(time) >= 6) continue;
    const sinc = time === 0 ? 1 : sin(PI * time) / (PI * time);
    sum += (x[i]! * sinc * cos((time * PI) / 12) ** 2 * cutoff) / from;
  }
  return sum;
}

test.each([
  ['more weights than are kept', 1_000_003, 999_983],
  ['half a hertz', 44_100.5, 16_000],
  ['a factor that no fraction gives', 16_000 * Math.SQRT2, 16_000],
  ['a large step up', 3, 20_011],
  ['a large step down, longer than a chunk', 60_013, 1],
])('the formula in float64, for %s', (_, from, to) => {
  const x = noise(from === 60_013 ? 150_000 : 200);
  const { data } = resample({ data: x, sampleRate: from }, to, { precision: 'float64' });
  const expected = data.map((_, i) => (i % 97 === 0 || i > data.length - 3 ? formula(x, from, to, i) : data[i]!));
  expect(distance(data, expected)).toBeLessThan(1e-6);
});

test('the Bessel function of the Kaiser window', () => {
  // From tables: Abramowitz and Stegun, table 9.8, and scipy.special.i0.
  expect(besselI0(0)).toBe(1);
  expect(besselI0(1)).toBeCloseTo(1.2660658777520084, 14);
  expect(besselI0(5)).toBeCloseTo(27.239871823604442, 12);
  expect(besselI0(14.769656459379492) / 269_513.6).toBeCloseTo(1, 1);
});

const sound = { data: noise(2000), sampleRate: 44_100 };

test.each([
  ['NaN', Number.NaN],
  ['an infinity', Number.NEGATIVE_INFINITY],
])('%s is refused by its place, or taken for silence', (_, value) => {
  const data = sound.data.slice();
  data[1999] = value;
  expect(() => resample({ ...sound, data }, 16_000)).toThrow(expect.objectContaining({ code: 'AUDIO_NOT_FINITE' }));
  expect(() => resample({ ...sound, data }, 16_000)).toThrow('sample 1999');
  const silent = sound.data.slice();
  silent[1999] = 0;
  expect(resample({ ...sound, data }, 16_000, { notFinite: 'zero' })).toEqual(resample({ ...sound, data: silent }, 16_000));
  expect(data[1999]).toBe(value);
});

test('no sample escapes the look that the kernel takes, however few a sum has', () => {
  fc.assert(
    fc.property(anyRate, anyRate, fc.integer({ min: 1, max: 200 }), fc.nat(), (from, to, length, place) => {
      fc.pre(from !== to);
      const data = new Float32Array(length);
      data[place % length] = Number.NaN;
      const call = () => resample({ data, sampleRate: from }, to, { lowpassFilterWidth: 1, rolloff: 1 });
      expect(call).toThrow(expect.objectContaining({ code: 'AUDIO_NOT_FINITE' }));
    }),
    limited,
  );
});

test('samples that look like integers warn, and are resampled as they are', () => {
  const codes: string[] = [];
  const data = sound.data.map((x) => x * 32_768);
  const loud = resample({ ...sound, data }, 16_000, { onWarning: ({ code }) => codes.push(code) }).data;
  expect(codes).toEqual(['AUDIO_SCALE']);
  expect(loud).toEqual(resample(sound, 16_000).data.map((x) => x * 32_768));
});

test('a sample beyond ±1.5 alone is no reason to warn', () => {
  const data = sound.data.slice();
  data[5] = -1.6;
  const codes: string[] = [];
  expect(resample({ ...sound, data }, 16_000, { onWarning: ({ code }) => codes.push(code) }).data).toHaveLength(726);
  expect(codes).toEqual([]);
});

const badRates: readonly unknown[] = [0, -16_000, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, '16000', 16_000n, [16_000]];
test.each(badRates)('a rate of %p is refused, before and after', (rate) => {
  const error = expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' });
  expect(() => resample(sound, rate as number)).toThrow(error);
  expect(() => resample({ ...sound, sampleRate: rate as number }, 16_000)).toThrow(error);
});

test.each([
  ['no sound', null, 'AUDIO_SAMPLE_RATE'],
  ['samples without a rate', sound.data, 'AUDIO_SAMPLE_RATE'],
  ['integers', { data: new Int16Array(4), sampleRate: 8000 }, 'AUDIO_SIGNAL'],
  ['numbers', { data: [0, 1], sampleRate: 8000 }, 'AUDIO_SIGNAL'],
  ['a detached buffer', { data: detached(), sampleRate: 8000 }, 'AUDIO_SIGNAL'],
  ['rates a million times apart', { ...sound, sampleRate: 16e9 }, 'AUDIO_SAMPLE_RATE'],
  ['rates whose quotient is no number', { ...sound, sampleRate: 5e-324 }, 'AUDIO_SAMPLE_RATE'],
  ['a result of more than 2 GiB', { data: new Float32Array(600_000), sampleRate: 1 }, 'AUDIO_TOO_LARGE'],
])('%s is refused', (_, given, code) => {
  expect(() => resample(given as typeof sound, 16_000)).toThrow(expect.objectContaining({ code }));
});

function detached(): Float32Array {
  const data = new Float32Array(8);
  structuredClone(data.buffer, { transfer: [data.buffer] });
  return data;
}

test.each([
  [null, 'options is null'],
  ['polyphase', 'options is "polyphase"'],
  [{ method: 'linear' }, 'sinc_interp_hann, sinc_interp_kaiser, polyphase'],
  [{ method: null }, 'method is null'],
  [{ lowpassFilterWidth: 0 }, 'from 1 to 1024'],
  [{ lowpassFilterWidth: 6.5 }, 'whole number'],
  [{ lowpassFilterWidth: '6' }, 'lowpassFilterWidth is "6"'],
  [{ lowpassFilterWidth: 1e9 }, 'from 1 to 1024'],
  [{ rolloff: 0 }, 'rolloff is 0'],
  [{ rolloff: 1.01 }, 'rolloff is 1.01'],
  [{ rolloff: Number.NaN }, 'rolloff is NaN'],
  [{ rolloff: 1e-300 }, 'at most 2048'],
  [{ method: 'sinc_interp_kaiser', beta: -1 }, 'beta is -1'],
  [{ method: 'sinc_interp_kaiser', beta: 1000 }, 'from 0 to 80'],
  [{ lowpass_filter_width: 64 }, 'is "lowpass_filter_width", but one of method'],
  [{ method: 'polyphase', rolloff: 0.9 }, 'an option of polyphase is "rolloff"'],
  [{ onWarning: 'x' }, 'onWarning is "x"'],
  [{ precision: 'float16' }, "'float32' or 'float64'"],
  [{ method: 'polyphase', beta: Number.NaN }, 'beta is NaN'],
  [{ method: 'polyphase', padValue: Number.POSITIVE_INFINITY }, 'padValue is Infinity'],
])('options %j are refused', (options, message) => {
  const call = () => resample(sound, 16_000, options as ResampleOptions);
  expect(call).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  expect(call).toThrow(message);
});

test('polyphase says which method takes its rates', () => {
  expect(() => resample({ ...sound, sampleRate: 1_000_003 }, 16_000, { method: 'polyphase' })).toThrow('sinc_interp_hann');
});

test('rates without a large common divisor take widths that are done in time, and refuse others', () => {
  for (const [from, to] of [
    [44_101, 44_100],
    [48_000, 15_000 * PI],
  ] as const) {
    const audio = { data: noise(from), sampleRate: from };
    const method = 'sinc_interp_kaiser';
    const start = performance.now();
    expect(resample(audio, to, { method, lowpassFilterWidth: 64, beta: 80 }).data).toHaveLength(ceil(to));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(() => resample(audio, to, { method, lowpassFilterWidth: 1024 })).toThrow(
      expect.objectContaining({ code: 'AUDIO_OPTION', message: expect.stringContaining('at most 100') }),
    );
  }
  expect(resample(sound, 16_000, { lowpassFilterWidth: 1024 }).data).toHaveLength(726);
});

test("a table of Bessel's function is the series", () => {
  for (const most of [0, 0.3, 5, 14.769656459379492, 80]) {
    const between = besselTable(most);
    for (let i = 0; i <= 500; i++) {
      const x = most * (i / 500);
      expect(abs(between(x) / besselI0(x) - 1)).toBeLessThan(5e-12);
    }
  }
});
