import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { largestDifference, signal } from '../../test/feature-goldens.js';
import cases from '../../test/goldens/kaldi/options.json' with { type: 'json' };
import { kaldiFrames } from '../lengths/frames.js';
import { kaldiFbank, kaldiMfcc } from './features.js';
import type { KaldiFbankOptions, KaldiMfccOptions } from './options.js';
import { kaldiFbankStream, kaldiMfccStream } from './stream.js';

const { abs, exp, max, sqrt } = Math;

function golden(name: string): Float32Array {
  const file = readFileSync(new URL(`../../test/goldens/kaldi/${name}.f32.gz`, import.meta.url));
  return new Float32Array(new Uint8Array(gunzipSync(file)).buffer);
}

/**
 * How far magnitudes are from those of the original, in units of its frame's largest and of float32's epsilon. A logarithm alone says little where
 * a band is all but silent: there the original's own float32 transform leaves noise of its frame's level.
 */
function magnitudeDistance(ours: Float32Array, theirs: Float32Array, bins: number): number {
  let worst = 0;
  for (let row = 0; row < ours.length; row += bins) {
    const frame = theirs.subarray(row, row + bins);
    const loudest = sqrt(exp(frame.reduce((most, value) => max(most, value))));
    for (const [b, value] of frame.entries()) worst = max(worst, abs(sqrt(exp(ours[row + b]!)) - sqrt(exp(value))) / loudest);
  }
  return worst / 2 ** -23;
}

describe("torchaudio's features", () => {
  const ast: KaldiFbankOptions = { htkCompat: true, windowType: 'hanning', numMelBins: 128 };
  const conformer: KaldiFbankOptions = { numMelBins: 80, energyFloor: 0, scale: 32_768 };

  test.each([
    ['ast', 'noise_8000', ast, 128],
    ['ast', 'chirp_100_7000_1s', ast, 128],
    ['conformer80', 'noise_8000', conformer, 80],
    ['conformer80', 'chirp_100_7000_1s', conformer, 80],
  ] as const)('%s of %s', (name, of, options, bins) => {
    const samples = signal(of);
    const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
    const given = name === 'ast' ? samples.map((x) => x - mean) : samples;
    const expected = golden(`${name}_${of}`);
    const { dims, data } = kaldiFbank({ data: given, sampleRate: 16_000 }, options);
    expect(dims).toEqual([expected.length / bins, bins]);
    expect(magnitudeDistance(data, expected, bins)).toBeLessThan(40);
    if (of === 'noise_8000') expect(largestDifference(data, expected)).toBeLessThan(3e-4);
  });

  test('cepstra', () => {
    const { dims, data } = kaldiMfcc(signal('noise_8000'));
    expect(dims).toEqual([48, 13]);
    expect(largestDifference(data, golden('mfcc'))).toBeLessThan(3e-4);
  });

  test.each(cases.map((one, i) => ({ i, ...one })))(
    '$i: $feature with $options',
    ({ feature, signal: of, start, length, options, dims, largest, f32VsF64, probe }) => {
      const samples = signal(of).subarray(start, start + length);
      const ours = (feature === 'mfcc' ? kaldiMfcc : kaldiFbank)(samples, options as KaldiFbankOptions & KaldiMfccOptions);
      // torchaudio gives what is shorter than min_duration no second dimension.
      expect(ours.dims).toEqual(dims.length === 1 ? [0, ours.dims[1]] : dims);
      // The original's own distance from float64, and what its float32 tables may do to the last digits.
      const tolerance = 1.2 * f32VsF64 + 1e-4 * max(1, largest / 100);
      for (const [i, at] of probe.index.entries()) expect(abs(ours.data[at]! - probe.value[i]!)).toBeLessThan(tolerance);
    },
  );
});

const speech = signal('jfk_0_3s').subarray(9000, 14_000);

/** Any options that a stream takes. */
const anyOptions = fc.record(
  {
    frameLength: fc.constantFrom(10, 12.5, 25),
    frameShift: fc.constantFrom(5, 10, 12.5, 30),
    snipEdges: fc.boolean(),
    minDuration: fc.constantFrom(0, 0.1, 0.2),
    useEnergy: fc.boolean(),
    htkCompat: fc.boolean(),
    dither: fc.constantFrom(0, 0, 0, 1e-3),
    numMelBins: fc.constantFrom(13, 23),
  },
  { requiredKeys: [] },
);

describe('streams', () => {
  test('give what the whole gives, bit for bit, however they are cut', () => {
    fc.assert(
      fc.property(
        anyOptions,
        fc.boolean(),
        fc.integer({ min: 400, max: 5000 }),
        fc.array(fc.nat(900), { maxLength: 12 }),
        (options, cepstra, length, cuts) => {
          const samples = speech.subarray(0, length);
          const whole = (cepstra ? kaldiMfcc : kaldiFbank)(samples, options);
          const stream = (cepstra ? kaldiMfccStream : kaldiFbankStream)(options);
          const parts: number[] = [];
          let at = 0;
          for (const cut of cuts) {
            parts.push(...stream.push(samples.subarray(at, at + cut)).data);
            at = Math.min(length, at + cut);
          }
          parts.push(...stream.push({ data: samples.subarray(at), sampleRate: 16_000 }).data, ...stream.end().data);
          expect(largestDifference(parts, whole.data)).toBe(0);
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });

  test('give frames as they complete', () => {
    const stream = kaldiFbankStream();
    const counts = Array.from({ length: 10 }, (_, i) => stream.push(speech.subarray(i * 160, i * 160 + 160)).dims[0]);
    expect(counts).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(stream.end().dims).toEqual([0, 23]);
  });

  test('one that has ended, or never filled a frame, says so', () => {
    const stream = kaldiMfccStream();
    stream.push(speech.subarray(0, 399));
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }));
    stream.push(speech.subarray(399, 400));
    expect(stream.end().dims).toEqual([0, 13]);
    expect(() => stream.push(speech)).toThrow(expect.objectContaining({ code: 'AUDIO_ENDED' }));
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'AUDIO_ENDED' }));
  });

  test('a long chunk is taken in parts, which shows nowhere', () => {
    const long = new Float32Array(200_000).map((_, i) => speech[i % speech.length]!);
    for (const options of [{}, { snipEdges: false, frameLength: 33 }, { minDuration: 9 }, { frameShift: 700, frameLength: 20 }]) {
      const whole = kaldiFbank(long, options).data;
      const stream = kaldiFbankStream(options);
      const parts = [stream.push(long.subarray(0, 333)), stream.push(long.subarray(333)), stream.end()];
      expect(Buffer.compare(Buffer.concat(parts.map(({ data }) => Buffer.from(data.buffer))), Buffer.from(whole.buffer))).toBe(0);
    }
  });

  test('tell of loud samples once, counted over all chunks', () => {
    const heard: string[] = [];
    const onWarning = ({ code }: { code: string }) => heard.push(code);
    const loud = kaldiFbankStream({ onWarning });
    for (let i = 0; i < 20; i++) loud.push(speech.subarray(0, 160).map((x) => x * 30_000));
    loud.end();
    expect(heard).toEqual(['AUDIO_SCALE']);
    const quiet = kaldiMfccStream({ onWarning });
    for (let i = 0; i < 2000; i++) quiet.push(Float32Array.of(i === 700 ? 1.6 : 0));
    quiet.end();
    expect(heard).toHaveLength(1);
  });

  test('refuse means of the whole', () => {
    expect(() => kaldiFbankStream({ subtractMean: true })).toThrow(/a stream does not know the means/);
  });
});

describe('properties', () => {
  test('as many frames as kaldiFrames says', () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 400, max: 5000 }), ({ minDuration: _, ...options }, length) => {
        expect(kaldiFbank(speech.subarray(0, length), options).dims[0]).toBe(kaldiFrames(length, options));
      }),
      { numRuns: 40 },
    );
  });

  test('dither is noise of the given level, by seed', () => {
    const quiet = new Float32Array(16_000);
    const options = { dither: 1, scale: 32_768, useEnergy: true, preemphasisCoefficient: 0, energyFloor: 0, removeDcOffset: false };
    const one = kaldiFbank(quiet, options);
    expect(largestDifference(kaldiFbank(quiet, options).data, one.data)).toBe(0);
    expect(largestDifference(kaldiFbank(quiet, { ...options, seed: 1 }).data, one.data)).toBeGreaterThan(0.1);
    // 400 samples of variance 1 in each of 98 frames.
    const energies = Array.from({ length: 98 }, (_, i) => exp(one.data[i * 24]!));
    expect(energies.reduce((sum, x) => sum + x, 0) / 98).toBeCloseTo(400, -1);
    expect(kaldiFbank(quiet).data.every((x) => x === Math.fround(Math.log(2 ** -23)))).toBe(true);
  });

  test('audio brings its own rate', () => {
    const alone = kaldiFbank(speech, { sampleFrequency: 8000 });
    expect(largestDifference(kaldiFbank({ data: speech, sampleRate: 8000 }).data, alone.data)).toBe(0);
  });

  test('input stays as it is', () => {
    const copy = speech.slice();
    kaldiFbank(speech, { scale: 32_768, dither: 1 });
    expect(largestDifference(speech, copy)).toBe(0);
  });

  test('a long signal is more than one block', () => {
    const long = signal('jfk_0_3s');
    const whole = kaldiFbank(long);
    const later = kaldiFbank(long.subarray(160 * 100));
    expect(largestDifference(whole.data.subarray(100 * 23), later.data)).toBe(0);
  });
});

describe('bad input', () => {
  test.each<[string, string, Float32Array, object]>([
    ['no samples', 'AUDIO_TOO_SHORT', new Float32Array(0), {}],
    ['one sample', 'AUDIO_TOO_SHORT', new Float32Array(1), {}],
    ['less than a frame', 'AUDIO_TOO_SHORT', new Float32Array(399), { snipEdges: false }],
    ['NaN', 'AUDIO_NOT_FINITE', new Float32Array(500).fill(Number.NaN), {}],
    ['no audio', 'AUDIO_SIGNAL', undefined as never, {}],
    ['a rate of 0', 'AUDIO_SAMPLE_RATE', speech, { sampleFrequency: 0 }],
    ['an unknown window', 'AUDIO_OPTION', speech, { windowType: 'hann' }],
    ['an unknown option', 'AUDIO_OPTION', speech, { numMelbins: 80 }],
    ['a number by word', 'AUDIO_OPTION', speech, { numMelBins: '80' }],
    ['a dither of NaN', 'AUDIO_OPTION', speech, { dither: Number.NaN }],
    ['a negative dither', 'AUDIO_OPTION', speech, { dither: -1 }],
    ['an endless scale', 'AUDIO_OPTION', speech, { scale: 1e300 }],
    ['an endless dither', 'AUDIO_OPTION', speech, { dither: 1e300 }],
    ['an endless window', 'AUDIO_OPTION', speech, { windowType: 'blackman', blackmanCoeff: -1e300 }],
    ['a fraction as a seed', 'AUDIO_OPTION', speech, { dither: 1, seed: 1.5 }],
    ['a negative seed', 'AUDIO_OPTION', speech, { dither: 1, seed: -1 }],
    ['a listener that is none', 'AUDIO_OPTION', speech, { onWarning: 'x' }],
    ['a negative energy floor', 'AUDIO_OPTION', speech, { energyFloor: -1 }],
    ['a flag by number', 'AUDIO_OPTION', speech, { snipEdges: 1 }],
    ['pre-emphasis above 1', 'AUDIO_OPTION', speech, { preemphasisCoefficient: 1.1 }],
    ['a shift of 0', 'AUDIO_FRAME', speech, { frameShift: 0 }],
    ['frames of one sample', 'AUDIO_FRAME', speech, { frameLength: 0.07 }],
    ['frames of a day', 'AUDIO_FRAME', speech, { frameLength: 86_400_000 }],
    ['odd frames that are not filled up', 'AUDIO_FRAME', speech, { frameLength: 25.0625, roundToPowerOfTwo: false }],
    ['three bins', 'AUDIO_MEL', speech, { numMelBins: 3 }],
    ['a billion bins', 'AUDIO_MEL', speech, { numMelBins: 1e9 }],
    ['a band upside down', 'AUDIO_MEL', speech, { lowFreq: 4000, highFreq: 300 }],
    ['a band above half the rate', 'AUDIO_MEL', speech, { highFreq: 8001 }],
    ['a warp below its band', 'AUDIO_MEL', speech, { vtlnWarp: 1.1, vtlnLow: 10 }],
    ['a warp of 0', 'AUDIO_MEL', speech, { vtlnWarp: 0 }],
  ])('%s: %s', (_, code, samples, options) => {
    expect(() => kaldiFbank(samples, options)).toThrow(expect.objectContaining({ code }));
  });

  test.each([null, 5])('%p as options', (options) => {
    expect(() => kaldiFbank(speech, options as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => kaldiFbankStream(options as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });

  test('more features than a tensor holds', () => {
    const options = { frameShift: 0.0625, numMelBins: 4000 };
    const large = expect.objectContaining({
      code: 'AUDIO_TOO_LARGE',
      message: expect.stringMatching(/at most 2\^29 values .* smaller chunks/),
    });
    expect(() => kaldiFbank(new Float32Array(140_000), options)).toThrow(large);
    const stream = kaldiFbankStream({ ...options, frameLength: 1 });
    expect(() => stream.push(new Float32Array(140_000))).toThrow(large);
    const whole = kaldiFbank(speech.subarray(0, 30), { ...options, frameLength: 1 });
    expect(largestDifference(stream.push(speech.subarray(0, 30)).data, whole.data)).toBe(0);
    expect(() => kaldiFbankStream({ minDuration: 1e9 })).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_LARGE' }));
  });

  test('many filters of long frames take no time, and none where the sound is shorter than a frame', () => {
    const start = performance.now();
    expect(kaldiFbankStream({ frameLength: 60_000, numMelBins: 4, lowFreq: 0 }).push(speech).dims).toEqual([0, 4]);
    expect(() => kaldiFbank(speech.subarray(0, 4000), { frameLength: 60_000, numMelBins: 4096 })).toThrow(
      expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }),
    );
    expect(kaldiFbank(new Float32Array(960_000), { frameLength: 60_000, numMelBins: 4096 }).dims).toEqual([1, 4096]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('bands narrower than float32 tells apart are silent, not NaN', () => {
    const { data } = kaldiFbank(speech, { numMelBins: 4096, lowFreq: 7990 });
    expect(data.every(Number.isFinite)).toBe(true);
  });

  test.each([0, 24, 1.5])('%p cepstra of 23 bins', (numCeps) => {
    expect(() => kaldiMfcc(speech, { numCeps })).toThrow(expect.objectContaining({ code: 'AUDIO_MEL' }));
  });

  test('a rate other than the features’ names resample', () => {
    const audio = { data: speech, sampleRate: 44_100 };
    expect(() => kaldiFbank(audio, { sampleFrequency: 16_000 })).toThrow(/Call resample\(audio, 16000\) first/);
    expect(() => kaldiFbankStream().push(audio)).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
  });
});
