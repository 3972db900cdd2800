import { expect, test } from '@jest/globals';
import { melFilters } from './filters.js';
import { fftFrequencies, melFrequencies } from './frequencies.js';

test('a filter is largest at its middle frequency', () => {
  const [sampleRate, fftLength, mels] = [16_000, 8192, 40];
  const middles = melFrequencies({ mels, sampleRate });
  const bins = fftFrequencies({ fftLength, sampleRate });
  const { data } = melFilters({ mels, sampleRate, fftLength });
  for (let mel = 0; mel < mels; mel++) {
    const row = data.subarray(mel * bins.length, (mel + 1) * bins.length);
    const peak = bins[row.indexOf(row.reduce((most, x) => Math.max(most, x)))]!;
    expect(Math.abs(peak - middles[mel]!)).toBeLessThanOrEqual(sampleRate / fftLength);
  }
});

test('frequencies of bins reach half the rate', () => {
  expect([...fftFrequencies({ fftLength: 8, sampleRate: 8000 })]).toEqual([0, 1000, 2000, 3000, 4000]);
  expect([...fftFrequencies({ fftLength: 5, sampleRate: 10 })]).toEqual([0, 2, 4]);
});

test.each([
  [{ mels: 0, sampleRate: 1 }, 'AUDIO_MEL'],
  [{ mels: 80, minHz: 10, maxHz: 10, sampleRate: 16_000 }, 'AUDIO_MEL'],
  [{ mels: 80, minHz: Number.NaN, sampleRate: 16_000 }, 'AUDIO_MEL'],
  [{ mels: 80, sampleRate: 0 }, 'AUDIO_SAMPLE_RATE'],
  [{ sampleRate: 16_000, scale: 'HTK' as never }, 'AUDIO_OPTION'],
  [undefined as never, 'AUDIO_OPTION'],
  [null as never, 'AUDIO_OPTION'],
])('refuses %p', (options, code) => {
  expect(() => melFrequencies(options)).toThrow(expect.objectContaining({ code }));
});

test.each([
  [{ fftLength: 0, sampleRate: 1 }, 'AUDIO_FRAME'],
  [{ fftLength: 8, sampleRate: Number.NaN }, 'AUDIO_SAMPLE_RATE'],
  [undefined as never, 'AUDIO_OPTION'],
])('refuses bins of %p', (options, code) => {
  expect(() => fftFrequencies(options)).toThrow(expect.objectContaining({ code }));
});
