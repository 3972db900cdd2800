import { describe, expect, test } from '@jest/globals';
import { signal } from '../../test/feature-goldens.js';
import { melSpectrogramStream } from '../stream/mel-stream.js';
import { logMel, melSpectrogram } from './mel-spectrogram.js';
import { mfcc } from './mfcc.js';

const sampleRate = 16_000;
const noise = signal('noise_8000');

describe('what there cannot be', () => {
  test.each([
    [{ fftLength: 0 }, 'AUDIO_FRAME'],
    [{ fftLength: Number.NaN }, 'AUDIO_FRAME'],
    [{ fftLength: 2 ** 40, winLength: 400 }, 'AUDIO_FRAME'],
    [{ fftLength: '400' as never }, 'AUDIO_FRAME'],
    [{ hopLength: 0 }, 'AUDIO_FRAME'],
    [{ hopLength: 0.5 }, 'AUDIO_FRAME'],
    [{ winLength: 3000 }, 'AUDIO_FRAME'],
    [{ winLength: 0 }, 'AUDIO_FRAME'],
    [{ window: new Float64Array(3000) }, 'AUDIO_FRAME'],
    [{ window: Float64Array.of(1, Number.NaN) }, 'AUDIO_WINDOW'],
    [{ window: 'kaiser' as never }, 'AUDIO_OPTION'],
    [{ padMode: 'wrap' as never }, 'AUDIO_OPTION'],
    [{ power: 3 as never }, 'AUDIO_OPTION'],
    [{ normalized: true as never }, 'AUDIO_OPTION'],
    [{ winLength: 400, window: new Float64Array(401) }, 'AUDIO_WINDOW'],
    [{ window: new Float64Array(400), normalized: 'window' as const }, 'AUDIO_WINDOW'],
    [{ center: 'false' as never }, 'AUDIO_OPTION'],
    [{ scale: 'HTK' as never }, 'AUDIO_OPTION'],
    [{ onWarning: 'x' as never }, 'AUDIO_OPTION'],
    [{ n_mels: 40 } as never, 'AUDIO_OPTION'],
    [{ mels: 0 }, 'AUDIO_MEL'],
    [{ sampleRate: 0 }, 'AUDIO_SAMPLE_RATE'],
    [{ sampleRate: undefined as never }, 'AUDIO_SAMPLE_RATE'],
  ])('%p: %s', (bad, code) => {
    expect(() => melSpectrogram(noise, { sampleRate, ...bad })).toThrow(expect.objectContaining({ code }));
  });

  test('two rates', () => {
    const audio = { data: noise, sampleRate: 8000 };
    expect(() => melSpectrogram(audio, { sampleRate })).toThrow(/8000 Hz, but 16000 Hz were expected.*resample/s);
    expect(melSpectrogram(audio, { sampleRate: 8000 })).toEqual(melSpectrogram(audio));
  });

  test.each([[null], ['fast'], [7]])('%p in place of options', (options) => {
    for (const call of [melSpectrogram, logMel, mfcc] as readonly ((...given: unknown[]) => unknown)[]) {
      expect(() => call({ data: noise, sampleRate }, options)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    }
  });

  test('padding that a stream does not know', () => {
    const call = () => melSpectrogramStream({ sampleRate, padMode: 'circular' });
    expect(call).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION', message: expect.stringContaining('by which a stream can pad') }));
    expect(() => melSpectrogramStream({ sampleRate, padMode: 'circular', center: false })).not.toThrow();
  });

  test('too little to mirror', () => {
    expect(() => melSpectrogram(noise.subarray(0, 1024), { sampleRate, padMode: 'reflect' })).toThrow(
      expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }),
    );
    expect(melSpectrogram(noise.subarray(0, 1025), { sampleRate, padMode: 'reflect' }).dims).toEqual([128, 3]);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ scale: 'log2', floor: 1 }],
    [{ scale: 'ln' }],
    [{ scale: 'ln', floor: 0 }],
    [{ scale: 'ln', floor: 1, add: 1 }],
    [{ scale: 'log10', add: Number.NaN }],
  ])('the logarithm %p', (log) => {
    expect(() => logMel(noise, { sampleRate, log: log as never })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });

  test('more values than memory', () => {
    const long = new Float32Array(5_000_000);
    expect(() => melSpectrogram(long, { sampleRate, hopLength: 1, fftLength: 512 })).toThrow(
      expect.objectContaining({ code: 'AUDIO_TOO_LARGE' }),
    );
  });
});
