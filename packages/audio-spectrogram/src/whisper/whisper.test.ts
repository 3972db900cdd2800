import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { casesOf, floats, largestDifference, signal } from '../../test/feature-goldens.js';
import { logMel } from '../spectrogram/mel-spectrogram.js';
import { normalizeWhisper } from './normalize.js';
import { whisperFeatures, whisperLogMel } from './whisper.js';

const audio = (data: Float32Array) => ({ data, sampleRate: 16_000 });
/** The distance of the originals' float32 from float64 where bins are nearly empty. */
const TOLERANCE = 1.2e-4;

describe('openai/whisper, whole', () => {
  test.each(casesOf('whisper_log_mel', 'whisper_log_mel_padding'))('$signal with $n_mels mels, $padding zeros', (golden) => {
    const mels = golden.n_mels as 80 | 128;
    const make = () => whisperLogMel(audio(signal(golden.signal)), { mels, padding: golden.padding });
    if (golden.error) {
      expect(make).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_SHORT', message: expect.stringContaining('201') }));
      return;
    }
    const { dims, data } = make();
    expect(dims).toEqual(golden.out?.dims ?? golden.shape);
    if (golden.out) expect(largestDifference(data, floats(golden.out))).toBeLessThanOrEqual(TOLERANCE);
    else
      expect(
        largestDifference(
          golden.probe.index.map((i) => data[i]!),
          golden.probe.value,
        ),
      ).toBeLessThanOrEqual(TOLERANCE);
  });
});

describe('30 s', () => {
  test.each(casesOf('whisper_log_mel_pad_or_trim', 'whisper_pad_or_trim_mel'))('$signal with $n_mels mels', (golden) => {
    const { dims, data } = whisperFeatures(audio(signal(golden.signal)), { mels: golden.n_mels as 80 | 128 });
    expect(dims).toEqual(golden.shape);
    expect(
      largestDifference(
        golden.probe.index.map((i) => data[i]!),
        golden.probe.value,
      ),
    ).toBeLessThanOrEqual(TOLERANCE);
  });

  test('are cut from a longer sound, and what is behind them does not matter', () => {
    const long = new Float32Array(500_000).map((_, i) => Math.sin(i * i * 1e-6) / 2);
    const clip = whisperFeatures(audio(long.slice(0, 480_000)));
    long[490_000] = Number.NaN;
    expect(largestDifference(whisperFeatures(audio(long)).data, clip.data)).toBe(0);
  });

  test('of silence, or of nothing, are -1.5', () => {
    for (const samples of [0, 1, 400, 480_000]) {
      const { dims, data } = whisperFeatures(audio(new Float32Array(samples)), { mels: 128 });
      expect(dims).toEqual([128, 3000]);
      expect(data.every((value) => value === -1.5)).toBe(true);
    }
  });

  test.each([0, 1, 159, 160, 200, 479_000, 479_300, 479_999])('padding of %i samples is what zeros there are', (samples) => {
    const data = new Float32Array(samples).map((_, i) => Math.sin(i / 3) / 2);
    const padded = new Float32Array(480_000);
    padded.set(data);
    expect(largestDifference(whisperFeatures(audio(data)).data, whisperLogMel(audio(padded)).data)).toBe(0);
  });
});

test('frames are ⌊samples / 160⌋', () => {
  for (const samples of [201, 319, 320, 321, 639, 640]) {
    expect(whisperLogMel(audio(new Float32Array(samples))).dims).toEqual([80, Math.floor(samples / 160)]);
  }
});

test('the whole file and its first 30 s differ where a later sound is louder', () => {
  const data = new Float32Array(640_000).map((_, i) => Math.sin(i / 20) * (i > 500_000 ? 0.9 : 1e-4));
  const whole = whisperLogMel(audio(data));
  const clip = whisperFeatures(audio(data));
  // The highest bin, of which there is nothing: as far as 8 below the largest.
  expect(whole.data[79 * 4000]! - clip.data[79 * 3000]!).toBeGreaterThan(1);
});

test("is a mel spectrogram's logarithm of the same settings", () => {
  const settings = { fftLength: 400, hopLength: 160, mels: 80, padMode: 'reflect' } as const;
  const log = { scale: 'log10', floor: 1e-10 } as const;
  const x = audio(signal('noise_8000'));
  const { data, dims } = logMel(x, { ...settings, log });
  const frames = dims[1]! - 1;
  const raw = new Float32Array(80 * frames).map((_, i) => data[Math.floor(i / frames) * dims[1]! + (i % frames)]!);
  expect(normalizeWhisper({ type: 'float32', dims: [80, frames], data: raw })).toEqual(whisperLogMel(x));
});

test('leaves samples and log-mels as they are', () => {
  const data = signal('sine440_6000');
  const before = data.slice();
  const made = whisperLogMel(audio(data));
  expect(data).toEqual(before);
  const values = made.data.slice();
  normalizeWhisper(made, 3);
  expect(made.data).toEqual(values);
});

test('what is twice as loud is as much larger everywhere above the floor', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), (doublings) => {
      const data = signal('noise_8000').map((x) => x / 256);
      const louder = data.map((x) => x * 2 ** doublings);
      const apart = largestDifference(
        whisperLogMel(audio(louder)).data,
        whisperLogMel(audio(data)).data.map((x) => x + (doublings * Math.log10(4)) / 4),
      );
      expect(apart).toBeLessThan(1e-6);
    }),
    { numRuns: 5 },
  );
});

describe('what there cannot be', () => {
  const data = new Float32Array(1000);
  test.each([8000, 44_100, 48_000])('%i Hz, and what to do', (sampleRate) => {
    for (const make of [whisperFeatures, whisperLogMel]) {
      expect(() => make({ data, sampleRate })).toThrow(
        expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE', message: expect.stringContaining('resample(audio, 16000)') }),
      );
    }
  });

  test.each([
    ['no rate', 'AUDIO_SAMPLE_RATE', { data }],
    ['samples alone', 'AUDIO_SAMPLE_RATE', data],
    ['0 Hz', 'AUDIO_SAMPLE_RATE', { data, sampleRate: 0 }],
    ['undefined', 'AUDIO_SIGNAL', undefined],
    ['null', 'AUDIO_SIGNAL', null],
    ['an array', 'AUDIO_SIGNAL', { data: [0, 1], sampleRate: 16_000 }],
    ['NaN', 'AUDIO_NOT_FINITE', { data: Float32Array.of(0, Number.NaN), sampleRate: 16_000 }],
  ])('%s: %s', (_name, code, given) => {
    for (const make of [whisperFeatures, whisperLogMel]) expect(() => make(given as never)).toThrow(expect.objectContaining({ code }));
  });

  test('other mels, other paddings', () => {
    for (const mels of [0, 64, Number.NaN]) {
      expect(() => whisperFeatures(audio(data), { mels: mels as 80 })).toThrow(expect.objectContaining({ code: 'AUDIO_MEL' }));
    }
    for (const padding of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => whisperLogMel(audio(data), { padding })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    }
    expect(() => whisperLogMel(audio(data), { padding: 2 ** 50 })).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_LARGE' }));
  });

  test('options that are none, a listener that is none', () => {
    for (const options of [null, 'large-v3', 80]) {
      for (const make of [whisperFeatures, whisperLogMel]) {
        expect(() => make(audio(data), options as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
      }
    }
    expect(() => whisperFeatures(audio(data), { onWarning: 'x' as never })).toThrow(/onWarning is "x"/);
  });

  test('samples that were transferred', () => {
    const gone = new Float32Array(1000);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    for (const make of [whisperFeatures, whisperLogMel]) expect(() => make(audio(gone))).toThrow(/transferred/);
    expect(() => normalizeWhisper({ type: 'float32', dims: [10, 100], data: gone })).toThrow(
      expect.objectContaining({ code: 'AUDIO_SPECTROGRAM' }),
    );
  });

  test('what cannot be normalised', () => {
    for (const given of [undefined, null, {}, { type: 'float32', dims: [2, 2], data: new Float32Array(3) }]) {
      expect(() => normalizeWhisper(given as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SPECTROGRAM' }));
    }
    const values = { type: 'float32', dims: [1, 2], data: Float32Array.of(-3, 0) } as const;
    for (const maximum of [Number.NaN, Number.POSITIVE_INFINITY, '2']) {
      expect(() => normalizeWhisper(values, maximum as number)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    }
  });
});
