import { describe, expect, test } from '@jest/globals';
import type { Warning } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { casesOf, floats, goldens, largestDifference, transposed } from '../../test/feature-goldens.js';
import { melFilters, sparseMelFilters } from './filters.js';
import { hzToMel, melToHz } from './pitch.js';
import type { MelScale } from './scale.js';

const scales: readonly MelScale[] = ['slaney', 'htk', 'kaldi'];

describe('scales', () => {
  test('have the points that define them', () => {
    expect(hzToMel(1000)).toBeCloseTo(15, 12);
    expect(hzToMel(6400)).toBeCloseTo(42, 12);
    expect(hzToMel(200)).toBe(3);
    expect(hzToMel(700, 'htk')).toBeCloseTo(2595 * Math.log10(2), 10);
    expect(hzToMel(700, 'kaldi')).toBeCloseTo(1127 * Math.LN2, 10);
  });

  test.each(scales)('%s: there and back', (scale) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), (hertz) => {
        expect(Math.abs(melToHz(hzToMel(hertz, scale), scale) - hertz)).toBeLessThanOrEqual(1e-10 + 1e-12 * hertz);
      }),
    );
  });
});

describe('filters', () => {
  test.each([80, 128] as const)("Whisper's %i filters, to the bit", (mels) => {
    const table = melFilters({ fftLength: 400, sampleRate: 16_000, mels });
    expect(table.dims).toEqual(goldens.whisperFilters[`${mels}`].dims);
    expect(largestDifference(table.data, floats(goldens.whisperFilters[`${mels}`]))).toBe(0);
  });

  test.each(casesOf('torchaudio_melscale_fbanks'))("torchaudio's $mel_scale, norm $norm", (golden) => {
    const { n_freqs, n_mels, sample_rate: sampleRate, f_min: minHz, f_max: maxHz, mel_scale: scale, norm, out } = golden;
    const options = { fftLength: 2 * (n_freqs - 1), sampleRate, mels: n_mels, minHz, maxHz, scale, norm };
    const theirs = transposed(floats(out!), n_freqs, n_mels);
    expect(largestDifference(melFilters({ ...options, convention: 'torchaudio' }).data, theirs)).toBeLessThanOrEqual(1e-7);
    expect(largestDifference(melFilters(options).data, theirs)).toBeLessThanOrEqual(4e-6);
  });

  test('two triangles share each bin between their centres: without a norm they sum up to 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...scales),
        fc.constantFrom('hz' as const, 'mel' as const),
        (mels, scale, straightIn) => {
          const { data, dims } = melFilters({ fftLength: 512, sampleRate: 8000, mels, scale, straightIn, norm: null, onWarning: () => {} });
          const first = melToHz(hzToMel(4000, scale) / (mels + 1), scale);
          const last = melToHz((hzToMel(4000, scale) * mels) / (mels + 1), scale);
          for (let bin = Math.ceil(first / 15.625); bin * 15.625 <= last; bin++) {
            let sum = 0;
            for (let mel = 0; mel < mels; mel++) sum += data[mel * dims[1]! + bin]!;
            expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the sparse ones are those of the table that are not zero', () => {
    const options = { fftLength: 321, sampleRate: 11_025, mels: 40, minHz: 20, maxHz: 5000 };
    const { data } = melFilters(options);
    const { count, starts, lengths, weights } = sparseMelFilters(options);
    expect(count).toBe(40);
    expect(weights).toHaveLength(data.reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0));
    expect([...lengths].reduce((a, b) => a + b)).toBe(weights.length);
    expect(data[7 * 161 + starts[7]!]).toBe(weights[[...lengths.subarray(0, 7)].reduce((a, b) => a + b)]);
  });

  test("odd rates and lengths: transformers' bins are in equal steps to a whole Nyquist frequency", () => {
    const options = { fftLength: 401, sampleRate: 11_025, mels: 20, norm: null };
    const exact = melFilters(options).data;
    const even = melFilters({ ...options, convention: 'transformers' }).data;
    expect(largestDifference(exact, even)).toBeGreaterThan(1e-3);
    const same = { fftLength: 400, sampleRate: 16_000, mels: 20 };
    expect(melFilters({ ...same, convention: 'transformers' })).toEqual(melFilters(same));
  });
});

describe('what there cannot be', () => {
  const good = { fftLength: 400, sampleRate: 16_000, mels: 80 };
  test.each([
    [{ mels: 0 }],
    [{ mels: -3 }],
    [{ mels: 2.5 }],
    [{ mels: Number.NaN }],
    [{ mels: 1e9 }],
    [{ minHz: 5000, maxHz: 4000 }],
    [{ minHz: 4000, maxHz: 4000 }],
    [{ minHz: -1 }],
    [{ minHz: Number.NaN }],
    [{ maxHz: Number.NaN }],
    [{ maxHz: Number.POSITIVE_INFINITY }],
  ])('%p', (bad) => {
    expect(() => melFilters({ ...good, ...bad })).toThrow(expect.objectContaining({ code: 'AUDIO_MEL' }));
  });

  test.each([
    [{ scale: 'bark' }],
    [{ scale: 'HTK' }],
    [{ norm: 2 }],
    [{ convention: 'matlab' }],
    [{ convention: 'torchaudio', scale: 'kaldi' }],
    [{ straightIn: 'octaves' }],
    [{ onWarning: 'x' }],
  ])('%p, a word', (bad) => {
    expect(() => melFilters({ ...good, ...bad } as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });

  test('no options, and more weights than memory', () => {
    expect(() => melFilters(undefined as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => melFilters({ ...good, mels: 65_536, fftLength: 4096 })).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_LARGE' }));
  });

  test.each([hzToMel, melToHz])('%p of another scale, or of a word', (convert) => {
    for (const given of [[1000, 'HTK'], [1000, null], ['1000', 'htk'], []]) {
      expect(() => convert(...(given as [number]))).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    }
  });

  test('lengths and rates', () => {
    for (const fftLength of [0, -1, 1.5, Number.NaN, 2 ** 20 + 1, undefined as never]) {
      expect(() => melFilters({ ...good, fftLength })).toThrow(expect.objectContaining({ code: 'AUDIO_FRAME' }));
    }
    expect(() => melFilters({ ...good, sampleRate: 0 })).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
  });

  test('what can be computed though it is hardly meant is told', () => {
    const heard: Warning[] = [];
    const onWarning = (warning: Warning) => heard.push(warning);
    melFilters({ ...good, onWarning });
    expect(heard).toEqual([]);
    melFilters({ ...good, mels: 128, scale: 'htk', onWarning });
    expect(heard).toMatchObject([{ code: 'AUDIO_MEL_EMPTY', message: expect.stringContaining('of 128 mel filters') }]);
    melFilters({ ...good, maxHz: 9000, mels: 20, onWarning });
    expect(heard.slice(1)).toMatchObject([{ code: 'AUDIO_MEL_ABOVE_NYQUIST' }]);
  });
});
