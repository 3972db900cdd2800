import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfBase64, channelsOf, codeOf } from '../../test/wav-file.js';
import goldens from '../goldens/wav.json' with { type: 'json' };
import { decodeWav, decodeWavChannels, wavInfo } from './decode.js';
import { encodeWav, type WavTarget } from './encode.js';

const formats: readonly WavTarget[] = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'float64'];
const quiet = { onWarning: () => undefined };

describe('bytes are those of soundfile', () => {
  test.each(Object.entries(goldens.encode.files))('%s', (format, file) => {
    const data = channelsOf(goldens.encode.samples, 1)[0]!;
    expect(encodeWav({ data, sampleRate: 16_000 }, { format: format as WavTarget, ...quiet })).toEqual(bytesOfBase64(file));
  });

  test.each(['pcm_16_1ch.wav', 'pcm_24_2ch.wav', 'soundfile WAV PCM_U8'])('%s, read and written', (name) => {
    const file = bytesOfBase64(goldens.decode.find((golden) => golden.name === name)!.file);
    expect(encodeWav(decodeWavChannels(file), { format: wavInfo(file).encoding as WavTarget })).toEqual(file);
  });
});

test('what is written is read again: floats to the bit, PCM rounded down by less than a level and clipped', () => {
  const sample = fc.float({ min: -2, max: 2, noNaN: true });
  const sound = fc
    .integer({ min: 1, max: 5 })
    .chain((channels) =>
      fc
        .nat(40)
        .chain((frames) =>
          fc.array(fc.array(sample, { minLength: frames, maxLength: frames }), { minLength: channels, maxLength: channels }),
        ),
    );
  fc.assert(
    fc.property(sound, fc.constantFrom(...formats), fc.integer({ min: 1, max: 0xffffffff }), (lists, format, sampleRate) => {
      const channels = lists.map((list) => Float32Array.from(list));
      const file = encodeWav({ channels, sampleRate }, { format, ...quiet });
      expect(file.length % 2).toBe(0);
      expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.length - 8);
      const found = decodeWavChannels(file);
      expect(wavInfo(file)).toMatchObject({ encoding: format, channels: channels.length, sampleRate, frames: channels[0]!.length });
      if (format.startsWith('float')) return expect(found).toEqual({ channels, sampleRate });
      const level = 2 ** (1 - Number(format.slice(3)));
      channels.forEach((samples, c) => {
        samples.forEach((x, i) => {
          const low = Math.max(-1, Math.min(1 - level, x));
          // Float32 has 24 bits: above that, a sample read again is the nearest.
          expect(Math.abs(low - found.channels[c]![i]!)).toBeLessThanOrEqual(Math.max(level, 2 ** -24));
        });
      });
      // Once more, and nothing changes.
      if (format !== 'pcm32') expect(encodeWav(found, { format })).toEqual(file);
    }),
    { numRuns: 500 },
  );
});

test('one channel is given as Audio, in 16 bits unless said otherwise', () => {
  const file = encodeWav({ data: Float32Array.of(0.5, -1, 1), sampleRate: 8000 });
  expect(wavInfo(file)).toMatchObject({ container: 'RIFF', encoding: 'pcm16', bitsPerSample: 16, channels: 1, frames: 3 });
  expect(decodeWav(file).data).toEqual(Float32Array.of(0.5, -1, 32767 / 32768));
  expect(decodeWav(encodeWav({ data: new Float32Array(0), sampleRate: 8000 })).data.length).toBe(0);
});

test('loud channels are warned of once', () => {
  const heard: string[] = [];
  const loud = Float32Array.of(300, 300);
  encodeWav({ channels: [loud, loud], sampleRate: 8000 }, { onWarning: ({ code }) => heard.push(code) });
  expect(heard).toEqual(['AUDIO_SCALE']);
});

describe('bad input', () => {
  const data = new Float32Array(4);
  test.each<[string, unknown, object | undefined, string]>([
    ['nothing', undefined, undefined, 'AUDIO_CHANNELS'],
    ['null', null, undefined, 'AUDIO_CHANNELS'],
    ['samples alone', data, undefined, 'AUDIO_CHANNELS'],
    ['no channels', { channels: [], sampleRate: 8000 }, undefined, 'AUDIO_CHANNELS'],
    ['channels of unequal lengths', { channels: [data, new Float32Array(3)], sampleRate: 8000 }, undefined, 'AUDIO_CHANNELS'],
    ['integers', { data: new Int16Array(4), sampleRate: 8000 }, undefined, 'AUDIO_CHANNELS'],
    ['1,025 channels', { channels: Array(1025).fill(data), sampleRate: 8000 }, undefined, 'AUDIO_CHANNELS'],
    ['NaN', { data: Float32Array.of(Number.NaN), sampleRate: 8000 }, undefined, 'AUDIO_NOT_FINITE'],
    ['no sample rate', { data }, undefined, 'AUDIO_SAMPLE_RATE'],
    ['half a hertz', { data, sampleRate: 8000.5 }, undefined, 'AUDIO_SAMPLE_RATE'],
    ['2³² hertz', { data, sampleRate: 2 ** 32 }, undefined, 'AUDIO_SAMPLE_RATE'],
    ['options of null', { data, sampleRate: 8000 }, null as never, 'AUDIO_OPTION'],
    ['a listener that is none', { data, sampleRate: 8000 }, { onWarning: 'x' }, 'AUDIO_OPTION'],
    ['an unknown format', { data, sampleRate: 8000 }, { format: 'mp3' }, 'AUDIO_OPTION'],
    ['a format of every object', { data, sampleRate: 8000 }, { format: 'constructor' }, 'AUDIO_OPTION'],
  ])('%s', (_, audio, options, code) => {
    expect(codeOf(() => encodeWav(audio as never, options as never))).toBe(code);
  });

  test('more than 4 GiB', () => {
    const channel = new Float32Array(2 ** 20);
    const channels = Array<Float32Array>(520).fill(channel);
    expect(codeOf(() => encodeWav({ channels, sampleRate: 8000 }, { format: 'float64' }))).toBe('AUDIO_TOO_LARGE');
  });
});
