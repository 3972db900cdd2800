import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bytesOfBase64, channelsOf, wavFile } from '../../test/wav-file.js';
import { AudioError } from '../errors.js';
import goldens from '../goldens/codecs.json' with { type: 'json' };
import { mixDown } from '../mix-down.js';
import { decodeWav } from '../wav/decode.js';
import { decodeAudio, decodeAudioChannels } from './decode.js';
import { findDecoder } from './decoders.js';

const code = (value: string) => expect.objectContaining({ code: value });
const fileOf = (name: string) => bytesOfBase64(goldens.cases.find((golden) => golden.name === name)!.file);
const [flac, mp3, vorbis, opus] = ['flac16.flac', 'MP3', 'Ogg Vorbis', 'Opus'].map(fileOf) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]; // prettier-ignore
const all = { flac, mp3, vorbis, opus };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polymodal-audio-'));
});
afterAll(() => rm(folder, { recursive: true }));

function largestDifference(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  return found.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i]!)), 0);
}

describe('samples are those of the original decoder', () => {
  test.each(goldens.cases)('$name: $decodedBy, within $tolerance', async ({ file, samples, channels, sampleRate, tolerance }) => {
    const expected = channelsOf(samples, channels);
    const found = await decodeAudioChannels(bytesOfBase64(file));
    expect([found.sampleRate, found.channels.length]).toEqual([sampleRate, channels]);
    found.channels.forEach((channel, c) => {
      expect(largestDifference(channel, expected[c]!)).toBeLessThanOrEqual(tolerance);
    });
    const mono = await decodeAudio(bytesOfBase64(file));
    expect(mono).toEqual({ data: mixDown(found.channels), sampleRate });
    expect((await decodeAudio(bytesOfBase64(file), { channel: channels - 1 })).data).toEqual(found.channels.at(-1));
  });
});

test('every level of 16 bits comes out of a FLAC', async () => {
  const { data } = await decodeAudio(bytesOfBase64(goldens.everyLevel));
  expect(data).toEqual(Float32Array.from({ length: 0x10000 }, (_, i) => (i - 0x8000) / 0x8000));
});

describe('sources', () => {
  test('a path, a file URL, a Buffer and an ArrayBuffer give the same; content decides, not the name', async () => {
    const path = join(folder, 'sound.wav');
    await writeFile(path, flac);
    const expected = await decodeAudio(flac);
    for (const source of [path, pathToFileURL(path), Buffer.from(flac), flac.slice().buffer])
      expect(await decodeAudio(source)).toEqual(expected);
  });

  test('WAV is decoded as decodeWav does', async () => {
    const file = wavFile({ channels: 2 });
    const path = join(folder, 'sound.mp3');
    await writeFile(path, file);
    expect(await decodeAudio(path)).toEqual(decodeWav(file));
    expect((await decodeAudioChannels(path)).channels.length).toBe(2);
  });

  test('part of a larger buffer; nothing of it is changed or taken away', async () => {
    const whole = new Uint8Array(mp3.length + 20);
    whole.set(mp3, 10);
    expect(await decodeAudio(whole.subarray(10, 10 + mp3.length))).toEqual(await decodeAudio(mp3));
    expect(whole.subarray(10, 10 + mp3.length)).toEqual(mp3);
  });
});

describe('bad input', () => {
  test.each<[string, Uint8Array, string]>([
    ['0 bytes', new Uint8Array(0), 'AUDIO_EMPTY'],
    ['text', new TextEncoder().encode('hello, world'), 'AUDIO_UNKNOWN_FORMAT'],
    ['M4A', bytesOfBase64(goldens.other.m4a), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['AAC', bytesOfBase64(goldens.other.aac), 'AUDIO_UNSUPPORTED_FORMAT'],
    ...Object.entries(all).flatMap(([name, file]): [string, Uint8Array, string][] => [
      [`${name} cut short`, file.subarray(0, Math.floor(file.length * 0.7)), 'AUDIO_TRUNCATED'],
      [`${name} cut in its header`, file.subarray(0, name === 'mp3' ? 8 : 20), 'AUDIO_TRUNCATED'],
    ]),
    ['FLAC with a damaged frame', flac.map((byte, i) => (i === flac.length - 300 ? byte ^ 255 : byte)), 'AUDIO_TRUNCATED'],
    ['Ogg with a damaged page', vorbis.map((byte, i) => (i === vorbis.length - 20 ? byte ^ 1 : byte)), 'AUDIO_DECODE'],
    ['MP3 of zeros behind its tag', Uint8Array.from([73, 68, 51, 4, 0, 0, 0, 0, 0, 0, ...new Uint8Array(3000)]), 'AUDIO_DECODE'],
    ['WAV cut short', wavFile().subarray(0, 46), 'AUDIO_TRUNCATED'],
  ])('%s is refused', async (_, bytes, expected) => {
    await expect(decodeAudio(bytes)).rejects.toThrow(code(expected));
    const path = join(folder, 'broken');
    await writeFile(path, bytes);
    await expect(decodeAudioChannels(path)).rejects.toThrow(code(expected));
  });

  test.each(Object.entries(all))('what there is of %s cut short is given when asked for', async (_, file) => {
    const whole = (await decodeAudio(file)).data;
    const part = (await decodeAudio(file.subarray(0, Math.floor(file.length * 0.9)), { allowTruncated: true })).data;
    expect(part.length).toBeLessThanOrEqual(whole.length + 1152);
    expect(part.subarray(0, 200)).toEqual(whole.subarray(0, part.length).subarray(0, 200));
  });

  test('limits: by the header, and by what comes out where it says nothing', async () => {
    await expect(decodeAudio(flac, { maxSamples: 881 })).rejects.toThrow(
      'the file has 882 samples in all channels, but at most 881 are decoded.',
    );
    expect((await decodeAudio(flac, { maxSamples: 882 })).data.length).toBe(441);
    const open = flac.slice();
    open.fill(0, 22, 26);
    open[21]! &= 0xf0;
    await expect(decodeAudio(open, { maxSamples: 881 })).rejects.toThrow(code('AUDIO_TOO_LARGE'));
    const path = join(folder, 'large.flac');
    await writeFile(path, flac);
    await expect(decodeAudio(path, { maxBytes: 100 })).rejects.toThrow(code('AUDIO_TOO_LARGE'));
  });

  test.each(['missing.wav', '.'])('%s cannot be read', async (name) => {
    await expect(decodeAudio(join(folder, name))).rejects.toThrow(code('AUDIO_FILE'));
  });

  test('neither a path nor bytes', async () => {
    for (const value of [7, null, undefined, {}]) await expect(decodeAudio(value as never)).rejects.toThrow(code('AUDIO_FILE'));
  });

  test.each([null, { maxBytes: 'all' }, { timeoutSeconds: Number.NaN }, { allowTruncated: 1 }, { signal: 'x' }])(
    'options of %j are refused',
    async (options) => {
      for (const decode of [decodeAudio, decodeAudioChannels]) {
        await expect(decode(flac, options as never)).rejects.toThrow(code('AUDIO_OPTION'));
      }
    },
  );

  test('a channel that is not there', async () => {
    await expect(decodeAudio(flac, { channel: 2 })).rejects.toThrow(code('AUDIO_CHANNELS'));
  });

  test('an abort, before and while decoding, rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(decodeAudio(flac, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const decoding = decodeAudio(flac, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(decoding).rejects.toBe(reason);
  });

  test('a decoder that gives nothing is given up', async () => {
    await expect(decodeAudio(flac, { timeoutSeconds: 0.001 })).rejects.toThrow(
      'the FLAC cannot be decoded: the decoder gave nothing for 0.001 s.',
    );
  });

  test('60 damaged files give sound or a typed error', async () => {
    let state = 99;
    const random = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const outcomes = { decoded: 0, refused: 0 };
    const files = Object.values(all);
    for (let run = 0; run < 60; run++) {
      const bytes = files[run % files.length]!.slice(0, run % 3 === 0 ? 60 + random(2000) : undefined);
      for (let change = 0; change < 1 + (run % 4); change++) bytes[random(run % 2 ? 80 : bytes.length)] = random(256);
      try {
        await decodeAudio(bytes, { maxSamples: 1e6, allowTruncated: run % 2 === 0, timeoutSeconds: 20 });
        outcomes.decoded++;
      } catch (error) {
        if (!(error instanceof AudioError)) throw error;
        outcomes.refused++;
      }
    }
    expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(3);
  });
});

test.each([
  ['flac', '@wasm-audio-decoders/flac'],
  ['mp3', 'mpg123-decoder'],
  ['vorbis', '@wasm-audio-decoders/ogg-vorbis'],
  ['opus', 'ogg-opus-decoder'],
] as const)('where the decoder of %s is missing, the error says what to install', (codec, name) => {
  const resolve = () => {
    throw new Error('not found');
  };
  const missing = () => findDecoder(codec, { resolve });
  expect(missing).toThrow(code('AUDIO_DECODER_MISSING'));
  expect(missing).toThrow(`Run: npm install ${name}`);
});
