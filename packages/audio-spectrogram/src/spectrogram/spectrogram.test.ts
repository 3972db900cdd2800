import { describe, expect, test } from '@jest/globals';
import type { TensorLike, Warning } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { casesOf, type FeatureCase, floats, largestDifference, signal } from '../../test/feature-goldens.js';
import { melFilters } from '../mel/filters.js';
import { stft } from '../stft/stft.js';
import { dct } from './dct.js';
import { amplitudeToDb, powerToDb } from './decibels.js';
import { logMel, melSpectrogram } from './mel-spectrogram.js';
import { mfcc } from './mfcc.js';
import { type MelSpectrogramOptions, torchaudioMel } from './options.js';

const sampleRate = 16_000;
const noise = signal('noise_8000');
const torchaudio = ({ params }: FeatureCase): MelSpectrogramOptions => ({
  ...torchaudioMel,
  sampleRate,
  fftLength: params.n_fft,
  hopLength: params.hop_length,
  mels: params.n_mels,
  power: params.power,
  center: params.center,
  padMode: params.pad_mode,
  scale: params.mel_scale,
  norm: params.norm,
});
const librosa = ({ params }: FeatureCase): MelSpectrogramOptions => ({
  sampleRate,
  fftLength: params.n_fft,
  hopLength: params.hop_length,
  mels: params.n_mels,
  power: params.power,
  scale: params.htk ? 'htk' : 'slaney',
});

/** How far apart values are, as a part of the largest, which is what float32 sums are exact to. */
const relative = (ours: Float32Array, theirs: Float32Array) => largestDifference(ours, theirs) / theirs.reduce((a, b) => Math.max(a, b));

describe('against the originals', () => {
  test.each(casesOf('torchaudio_mel'))('torchaudio: $signal, $params', (golden) => {
    const options = torchaudio(golden);
    const x = signal(golden.signal);
    const mel = melSpectrogram(x, options);
    expect(mel.dims).toEqual(golden.out!.dims);
    expect(relative(mel.data, floats(golden.out!))).toBeLessThanOrEqual(1e-6);
    if (!golden.db_top80) return;
    const theirs = floats(golden.db_top80);
    expect(largestDifference(logMel(x, { ...options, log: { scale: 'dB', topDb: 80 } }).data, theirs)).toBeLessThanOrEqual(1e-3);
    expect(largestDifference(powerToDb(mel).data, theirs)).toBeLessThanOrEqual(1e-3);
    // What is left to float32 itself: the same from their own powers.
    expect(largestDifference(powerToDb({ ...mel, data: floats(golden.out!) }).data, theirs)).toBeLessThanOrEqual(2e-5);
  });

  test.each(casesOf('librosa_mel'))('librosa: $signal, $params', (golden) => {
    const x = signal(golden.signal);
    const mel = melSpectrogram({ data: x, sampleRate }, librosa(golden));
    expect(mel.dims).toEqual(golden.out!.dims);
    expect(relative(mel.data, floats(golden.out!))).toBeLessThanOrEqual(1e-6);
    const log = { scale: 'dB', reference: 'max' } as const;
    expect(largestDifference(powerToDb(mel, log).data, floats(golden.db!))).toBeLessThanOrEqual(5e-5);
    expect(largestDifference(logMel(x, { ...librosa(golden), log }).data, floats(golden.db!))).toBeLessThanOrEqual(5e-5);
  });

  test.each(casesOf('torchaudio_mfcc'))("torchaudio's MFCC", (golden) => {
    const options = { ...torchaudioMel, sampleRate, hopLength: 160, mels: 40, coefficients: golden.n_mfcc };
    const { dims, data } = mfcc(signal(golden.signal), options);
    expect(dims).toEqual(golden.out!.dims);
    expect(largestDifference(data, floats(golden.out!))).toBeLessThanOrEqual(1e-3);
  });

  test.each(casesOf('librosa_mfcc'))("librosa's MFCC", (golden) => {
    const { dims, data } = mfcc(signal(golden.signal), { sampleRate });
    expect(dims).toEqual(golden.out!.dims);
    expect(largestDifference(data, floats(golden.out!))).toBeLessThanOrEqual(2e-4);
  });
});

describe('mel spectrograms', () => {
  const options = { sampleRate, fftLength: 400, hopLength: 160, mels: 40 } as const;

  test('of silence are 0', () => {
    expect(melSpectrogram(new Float32Array(4000), options).data.every((value) => value === 0)).toBe(true);
  });

  test('a sine is loudest in the filter whose centre it is nearest to', () => {
    const sine = Float32Array.from({ length: 8000 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / sampleRate));
    const { data } = melSpectrogram(sine, { ...options, norm: null });
    const column = Array.from({ length: 40 }, (_, mel) => data[mel * 51 + 25]!);
    // 15 mels of hzToMel(8000) = 45.2, in 41 steps.
    expect(column.indexOf(Math.max(...column))).toBe(13);
  });

  test.each(['reflect', 'constant', 'replicate', 'circular'] as const)('%s padding is that of stft', (padMode) => {
    const x = noise.subarray(0, 1000);
    const given = { fftLength: 401, hopLength: 160, winLength: 300, window: 'hamming', normalized: 'window', padMode } as const;
    const { real, imaginary } = stft(x, given);
    const powers = real.data.map((re, i) => re * re + imaginary.data[i]! ** 2);
    const filters = melFilters({ sampleRate, fftLength: 401, mels: 20 });
    const [bins, frames] = [real.dims[0]!, real.dims[1]!];
    const expected = Float32Array.from({ length: 20 * frames }, (_, at) => {
      const [mel, i] = [Math.floor(at / frames), at % frames];
      let sum = 0;
      for (let bin = 0; bin < bins; bin++) sum += filters.data[mel * bins + bin]! * powers[bin * frames + i]!;
      return sum;
    });
    const { dims, data } = melSpectrogram(x, { ...given, sampleRate, mels: 20 });
    expect(dims).toEqual([20, frames]);
    expect(relative(data, expected)).toBeLessThan(1e-6);
    if (padMode === 'circular') {
      expect(() => melSpectrogram(x.subarray(0, 199), { ...given, sampleRate })).toThrow(
        expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }),
      );
    }
  });

  test('powers are linear in those of the signal, magnitudes in its level', () => {
    fc.assert(
      fc.property(fc.constantFrom(1 as const, 2 as const), fc.double({ min: 0.1, max: 8, noNaN: true }), (power, gain) => {
        const louder = noise.map((x) => (x / 16) * Math.fround(gain));
        const expected = melSpectrogram(noise, { ...options, power }).data.map((value) => value * (Math.fround(gain) / 16) ** power);
        expect(relative(melSpectrogram(louder, { ...options, power }).data, expected)).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
  });

  test('signals that share no time add up', () => {
    const first = noise.map((x, i) => (i < 4000 ? x : 0));
    const second = noise.map((x, i) => (i < 4000 ? 0 : x));
    const mel = (x: Float32Array) => melSpectrogram(x, { ...options, fftLength: 160 }).data;
    const [a, b] = [mel(first), mel(second)];
    const sum = a.map((value, i) => value + b[i]!);
    // But where a frame holds the border.
    const whole = mel(noise).map((value, i) => (i % 51 === 25 ? sum[i]! : value));
    expect(relative(whole, sum)).toBeLessThan(1e-6);
  });

  test('a frame does not depend on those computed with it', () => {
    const whole = melSpectrogram(noise, { ...options, center: false });
    const frames = whole.dims[1]!;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: frames - 1 }), fc.integer({ min: 1, max: 9 }), (first, count) => {
        const piece = noise.subarray(first * 160, (first + count - 1) * 160 + 400);
        const { data, dims } = melSpectrogram(piece, { ...options, center: false });
        const there = data.map((_, i) => whole.data[Math.floor(i / dims[1]!) * frames + first + (i % dims[1]!)]!);
        expect(largestDifference(data, there)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('a window within the frame, of any factors, of one power', () => {
    const within = melSpectrogram(noise, { ...options, winLength: 300 });
    const hann = Float64Array.from({ length: 300 }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 300));
    expect(relative(melSpectrogram(noise, { ...options, window: hann }).data, within.data)).toBeLessThan(1e-6);
    const power = hann.reduce((sum, factor) => sum + factor * factor, 0);
    const normalized = melSpectrogram(noise, { ...options, winLength: 300, normalized: 'window' });
    expect(
      relative(
        normalized.data,
        within.data.map((value) => value / power),
      ),
    ).toBeLessThan(1e-6);
    const byLength = melSpectrogram(noise, { ...options, winLength: 300, normalized: 'frameLength' });
    expect(
      relative(
        byLength.data,
        within.data.map((value) => value / 400),
      ),
    ).toBeLessThan(1e-6);
  });

  test('logarithms are of the values above their floor, or of the values and what is added', () => {
    const { data } = melSpectrogram(noise, options);
    const floor = 0.01;
    const close = (ours: TensorLike<'float32'>, of: (value: number) => number) =>
      expect(largestDifference(ours.data, data.map(of))).toBeLessThan(1e-6);
    close(logMel(noise, { ...options, log: { scale: 'log10', floor } }), (x) => Math.log10(Math.max(x, floor)));
    close(logMel(noise, { ...options, log: { scale: 'ln', floor } }), (x) => Math.log(Math.max(x, floor)));
    close(logMel(noise, { ...options, log: { scale: 'ln', add: 1e-3 } }), (x) => Math.log(x + 1e-3));
  });

  test('warnings of filters go to the listener', () => {
    const heard: Warning[] = [];
    melSpectrogram(noise, { ...options, mels: 128, scale: 'htk', onWarning: (warning) => heard.push(warning) });
    expect(heard).toMatchObject([{ code: 'AUDIO_MEL_EMPTY' }]);
  });
});

describe('decibels', () => {
  const of = (...data: number[]): TensorLike<'float32'> => ({ type: 'float32', dims: [1, data.length], data: Float32Array.from(data) });

  test('10 times the power is 10 more, 10 times the amplitude 20', () => {
    expect([...powerToDb(of(1, 10, 100)).data]).toEqual([0, 10, 20]);
    expect([...amplitudeToDb(of(1, 10, 100)).data]).toEqual([0, 20, 40]);
  });

  test('from a reference, from the largest', () => {
    expect([...powerToDb(of(1, 10, 100), { reference: 10 }).data]).toEqual([-10, 0, 10]);
    expect([...powerToDb(of(1, 10, 100), { reference: 'max' }).data]).toEqual([-20, -10, 0]);
    expect([...amplitudeToDb(of(1, 100), { reference: 'max', topDb: 30 }).data]).toEqual([-30, 0]);
  });

  test('80 below the largest, or as far as the floor', () => {
    expect([...powerToDb(of(0, 1)).data]).toEqual([-80, 0]);
    expect([...powerToDb(of(0, 1), { topDb: null }).data]).toEqual([-100, 0]);
    expect([...amplitudeToDb(of(0, 1), { topDb: null }).data]).toEqual([-100, 0]);
    expect([...powerToDb(of(0, 0)).data]).toEqual([-100, -100]);
    expect([...powerToDb(of(0, 1), { topDb: 0 }).data]).toEqual([0, 0]);
    expect([...powerToDb(of()).data]).toEqual([]);
  });

  test('leaves its input as it is', () => {
    const powers = of(1, 2, 3);
    const { dims } = powerToDb(powers);
    expect([...powers.data]).toEqual([1, 2, 3]);
    expect(dims).toEqual(powers.dims);
    expect(dims).not.toBe(powers.dims);
  });

  test('refuses null, a word, and a spectrogram that was transferred away', () => {
    for (const bad of [null, 'fast', { top_db: null }]) {
      expect(() => powerToDb(of(1), bad as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
      expect(() => amplitudeToDb(of(1), bad as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    }
    const gone = of(1, 2);
    const empty = of();
    structuredClone(empty.data.buffer, { transfer: [empty.data.buffer as ArrayBuffer] });
    expect([...powerToDb(empty).data]).toEqual([]);
    structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] });
    expect(() => powerToDb(gone)).toThrow(expect.objectContaining({ code: 'AUDIO_SPECTROGRAM' }));
  });

  test.each([[{ reference: 0 }], [{ reference: Number.NaN }], [{ floor: 0 }], [{ floor: -1 }], [{ topDb: -1 }], [{ topDb: Number.NaN }]])(
    'refuses %p',
    (bad) => {
      expect(() => powerToDb(of(1), bad)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
      expect(() => logMel(noise, { sampleRate, log: { scale: 'dB', ...bad } })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    },
  );
});

describe('the cosine transform', () => {
  const tensor = (bins: number, data: Float32Array): TensorLike<'float32'> => ({ type: 'float32', dims: [bins, data.length / bins], data });

  test('is a rotation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (bins) => {
        const x = noise.slice(0, bins * 3);
        const y = dct(tensor(bins, x)).data;
        const energy = (values: Float32Array, frame: number) =>
          values.reduce((sum, value, i) => sum + (i % 3 === frame ? value * value : 0), 0);
        for (const frame of [0, 1, 2]) expect(energy(y, frame) / energy(x, frame)).toBeCloseTo(1, 5);
      }),
      { numRuns: 30 },
    );
  });

  test('of ones is one number; without a norm twice the sum', () => {
    const ones = tensor(9, new Float32Array(9).fill(1));
    const near = (values: Float32Array, expected: number[]) => expect(largestDifference(values, expected)).toBeLessThan(1e-6);
    near(dct(ones, { coefficients: 4 }).data, [3, 0, 0, 0]);
    near(dct(ones, { coefficients: 2, norm: null }).data, [18, 0]);
  });

  test.each([
    [{ coefficients: 0 }],
    [{ coefficients: 10 }],
    [{ coefficients: 1.5 }],
    [{ norm: 'slaney' as never }],
    [null as never],
    [{ n_mfcc: 3 } as never],
  ])('refuses %p', (bad) => {
    expect(() => dct(tensor(9, new Float32Array(9)), bad)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });

  test('lifts cepstra', () => {
    const options = { sampleRate, fftLength: 400, hopLength: 160, mels: 40, coefficients: 13 };
    const plain = mfcc(noise, options).data;
    const lifted = mfcc(noise, { ...options, lifter: 22 }).data;
    expect(
      largestDifference(
        lifted,
        plain.map((value, i) => value * (1 + 11 * Math.sin((Math.PI * (Math.floor(i / 51) + 1)) / 22))),
      ),
    ).toBeLessThan(1e-4);
    expect(() => mfcc(noise, { ...options, lifter: -1 })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => mfcc(noise, { ...options, lifter: Number.MAX_VALUE })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => mfcc(noise, { ...options, n_mfcc: 20 } as never)).toThrow(/mfcc has no option "n_mfcc"/);
    expect(() => mfcc(noise, null as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => mfcc(noise, { ...options, coefficients: 41 })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });
});
