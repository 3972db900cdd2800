import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfBase64, channelsOf, codeOf, wavFile } from '../../test/wav-file.js';
import { AudioError } from '../errors.js';
import goldens from '../goldens/wav.json' with { type: 'json' };
import { mixDown } from '../mix-down.js';
import { decodeWav, decodeWavChannels, wavInfo } from './decode.js';

const bits = (samples: Float32Array) => new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
const ascii = (text: string) => new TextEncoder().encode(text);

describe('samples are those of libsndfile', () => {
  test.each(goldens.decode)('$name, bit for bit', ({ file, samples, channels, sampleRate, frames }) => {
    const bytes = bytesOfBase64(file);
    const expected = channelsOf(samples, channels);
    const found = decodeWavChannels(bytes);
    expect(found.sampleRate).toBe(sampleRate);
    expect(found.channels.map(bits)).toEqual(expected.map(bits));
    expect(bits(decodeWav(bytes).data)).toEqual(bits(mixDown(expected)));
    expect(decodeWav(bytes, { channel: channels - 1 })).toEqual({ data: expected.at(-1), sampleRate });
    expect(wavInfo(bytes)).toMatchObject({ channels, sampleRate, frames, duration: frames / sampleRate });
  });

  test('every code of A-law and µ-law has the level of ITU-T G.711', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const levels = (tag: number) => Array.from(decodeWav(wavFile({ tag, bits: 8, data: codes })).data, (x) => x * 32768);
    const [a, mu] = [levels(6), levels(7)];
    // 13 and 14 bits, of which the table gives the first and last of each sign.
    expect([a[0xd5], a[0x55], a[0xaa], a[0x2a]]).toEqual([8, -8, 32256, -32256]);
    expect([mu[0xff], mu[0x7f], mu[0x80], mu[0x00]]).toEqual([0, 0, 32124, -32124]);
    for (const table of [a, mu]) expect(table.reduce((sum, x) => sum + x, 0)).toBe(0);
  });
});

test('20 bits in three bytes, and 12 in two, stand in the upper bits', () => {
  expect(decodeWav(wavFile({ bits: 20, frameBytes: 3, data: Uint8Array.of(0, 0, 64) })).data).toEqual(Float32Array.of(0.5));
  expect(decodeWav(wavFile({ bits: 12, frameBytes: 2, data: Uint8Array.of(0, 64) })).data).toEqual(Float32Array.of(0.5));
  expect(wavInfo(wavFile({ bits: 20, frameBytes: 3 })).bitsPerSample).toBe(20);
});

test('the first bytes of an RF64 of 5 GiB say how long it is', () => {
  const ds64 = new Uint8Array(28);
  new DataView(ds64.buffer).setBigUint64(8, 5n * 2n ** 30n, true);
  const head = wavFile({ container: 'RF64', riffSize: 0xffffffff, dataSize: 0xffffffff, before: [['ds64', ds64]] });
  expect(wavInfo(head)).toMatchObject({ container: 'RF64', frames: 2.5 * 2 ** 30, duration: (2.5 * 2 ** 30) / 8000 });
  expect(codeOf(() => decodeWav(head))).toBe('AUDIO_TRUNCATED');
});

test('NaN and infinities of float files are kept: whoever takes the samples refuses them', () => {
  const data = new Uint8Array(Float32Array.of(Number.NaN, Infinity).buffer);
  expect(decodeWav(wavFile({ tag: 3, bits: 32, data })).data).toEqual(Float32Array.of(Number.NaN, Infinity));
});

test('bytes may be part of a larger buffer, of odd offset, and are not changed', () => {
  const file = wavFile();
  const whole = new Uint8Array(file.length + 9).fill(7);
  whole.set(file, 3);
  const part = whole.subarray(3, 3 + file.length);
  expect(decodeWav(part)).toEqual(decodeWav(file));
  expect(decodeWav(file.slice().buffer)).toEqual(decodeWav(file));
  expect(part).toEqual(file);
});

describe('chunks', () => {
  const odd = ascii('odd');
  test.each([
    ['an odd chunk with padding', wavFile({ before: [['LIST', odd]] })],
    ['an odd chunk without padding', wavFile({ before: [['LIST', odd, false]] })],
    ['an odd chunk whose padding is a letter', wavFile({ before: [['LIST', ascii('oddx'), false]] }).map((b, i) => (i === 40 ? 3 : b))],
    [
      'several odd chunks, padded and not',
      wavFile({
        before: [
          ['bext', odd],
          ['LIST', odd, false],
          ['fact', odd],
          ['id3 ', odd, false],
        ],
      }),
    ], // prettier-ignore
    ['an empty chunk', wavFile({ before: [['JUNK', new Uint8Array(0)]] })],
    ['a chunk behind the samples', wavFile({ after: ascii('LIST\x04\0\0\0abcd') })],
    ['bytes behind the samples', wavFile({ after: Uint8Array.of(255, 255, 255) })],
  ])('%s', (_, file) => {
    expect(decodeWav(file).data).toEqual(Float32Array.of(0.5, -0.5));
  });
});

describe('lengths that the writer did not know reach to the end of the file', () => {
  test.each([
    ['2³² - 1, as ffmpeg writes to a pipe', { dataSize: 0xffffffff, riffSize: 0xffffffff }],
    ['0 in a file that says to be empty', { dataSize: 0, riffSize: 0 }],
    ['0 in a header that was written before any sample', { dataSize: 0, riffSize: 36 }],
    ['nearly 2³¹, as sox writes to a pipe', { dataSize: 0x7ffff000, riffSize: 0x7ffff024 }],
    ['2³¹, as arecord writes to a pipe', { dataSize: 0x80000000, riffSize: 0x80000024 }],
  ])('%s', (_, sizes) => {
    const file = wavFile(sizes);
    expect(decodeWav(file).data).toEqual(Float32Array.of(0.5, -0.5));
    expect(wavInfo(file).frames).toBe(2);
  });

  test('RF64 whose long length is not filled in', () => {
    const ds64 = ['ds64', new Uint8Array(28)] as const;
    const file = wavFile({ container: 'RF64', riffSize: 0xffffffff, dataSize: 0xffffffff, before: [ds64] });
    expect(decodeWav(file).data).toEqual(Float32Array.of(0.5, -0.5));
  });

  test('no samples at all is no damage', () => {
    const empty = wavFile({ data: new Uint8Array(0) });
    expect(decodeWav(empty)).toEqual({ data: new Float32Array(0), sampleRate: 8000 });
    const padded = wavFile({ bits: 24, frameBytes: 3, data: Uint8Array.of(0, 0, 64, 0) });
    expect(decodeWav(padded).data).toEqual(Float32Array.of(0.5));
  });
});

describe('bad input', () => {
  const data = new Uint8Array(64);
  const ds64 = (low: number, high: number) => {
    const chunk = new Uint8Array(28);
    new DataView(chunk.buffer).setUint32(8, low, true);
    new DataView(chunk.buffer).setUint32(12, high, true);
    return ['ds64', chunk] as const;
  };
  test.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'AUDIO_EMPTY'],
    ['text', ascii('hello, world'), 'AUDIO_UNKNOWN_FORMAT'],
    ['another RIFF file', ascii('RIFF\x04\0\0\0WEBPVP8 '), 'AUDIO_UNKNOWN_FORMAT'],
    ['FLAC', ascii('fLaC\0\0\0\x22'), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['Ogg', ascii('OggS\0\x02'), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['MP3 with a tag', ascii('ID3\x04\0'), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['MP3', Uint8Array.of(255, 251, 144, 100), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['M4A', ascii('\0\0\0\x20ftypM4A '), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['AIFF', ascii('FORM\0\0\0\x20AIFFCOMM'), 'AUDIO_UNSUPPORTED_FORMAT'],
    ...Object.entries(goldens.unsupported).map(([name, file]): [string, Uint8Array, string] => [
      name,
      bytesOfBase64(file),
      'AUDIO_UNSUPPORTED_FORMAT',
    ]), // prettier-ignore
    ['the first 10 bytes', wavFile().subarray(0, 10), 'AUDIO_TRUNCATED'],
    ['the first 30 bytes', wavFile().subarray(0, 30), 'AUDIO_TRUNCATED'],
    ['the first 40 bytes', wavFile().subarray(0, 40), 'AUDIO_TRUNCATED'],
    ['no chunk at all', wavFile({ noFormat: true, data: undefined }), 'AUDIO_DECODE'],
    ['no data chunk', wavFile({ data: undefined }), 'AUDIO_DECODE'],
    ['no format chunk', wavFile({ noFormat: true }), 'AUDIO_DECODE'],
    ['a chunk of 2³² - 1 bytes', wavFile({ data: undefined, after: ascii('LISTsize').fill(255, 4) }), 'AUDIO_DECODE'],
    ['0 channels', wavFile({ channels: 0, frameBytes: 2 }), 'AUDIO_DECODE'],
    ['65,535 channels', wavFile({ channels: 65_535, bits: 8, data: new Uint8Array(65_535) }), 'AUDIO_DECODE'],
    ['frames of 0 bytes', wavFile({ frameBytes: 0 }), 'AUDIO_DECODE'],
    ['frames that no channel fits', wavFile({ channels: 2, frameBytes: 3, data }), 'AUDIO_DECODE'],
    ['samples narrower than their bits', wavFile({ bits: 24, frameBytes: 2 }), 'AUDIO_DECODE'],
    ['0 bits', wavFile({ bits: 0, frameBytes: 2 }), 'AUDIO_DECODE'],
    ['a sample rate of 0', wavFile({ sampleRate: 0 }), 'AUDIO_DECODE'],
    ['bytes that are no chunk', wavFile({ before: [['\0\0\0\0', data]] }), 'AUDIO_DECODE'],
    ['PCM of 64 bits', wavFile({ bits: 64, data }), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['float of 16 bits', wavFile({ tag: 3, bits: 16, data }), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['an unknown codec', wavFile({ tag: 0x1234 }), 'AUDIO_UNSUPPORTED_FORMAT'],
    ['more samples promised than there are', wavFile({ dataSize: 6 }), 'AUDIO_TRUNCATED'],
    ['4 GiB - 2 promised', wavFile({ dataSize: 0xfffffffe }), 'AUDIO_TRUNCATED'],
    ['2⁵² bytes promised', wavFile({ container: 'RF64', dataSize: 0xffffffff, before: [ds64(0, 2 ** 20)] }), 'AUDIO_TRUNCATED'],
    ['an end inside a frame', wavFile({ channels: 2, data: new Uint8Array(6) }), 'AUDIO_TRUNCATED'],
  ])('%s is refused', (_, file, code) => {
    expect(codeOf(() => decodeWav(file))).toBe(code);
  });

  test('what there is of a file cut short is given when asked for', () => {
    const file = wavFile({ data: new Uint8Array(100).fill(64) });
    const part = decodeWav(file.subarray(0, 44 + 31), { allowTruncated: true });
    expect(part.data).toEqual(decodeWav(file).data.slice(0, 15));
  });

  test('limits are checked before anything is allocated', () => {
    const file = wavFile({ channels: 2, data: new Uint8Array(400) });
    expect(() => decodeWav(file, { maxSamples: 199 })).toThrow('the file has 200 samples in all channels, but at most 199 are decoded.');
    expect(decodeWav(file, { maxSamples: 200 }).data.length).toBe(100);
  });

  test.each([2, -1, 0.5, '0', null])('channel %p of a stereo file is refused', (channel) => {
    expect(codeOf(() => decodeWav(wavFile({ channels: 2 }), { channel: channel as number }))).toBe('AUDIO_CHANNELS');
  });

  test.each([undefined, null, 'sound.wav', new Int16Array(4)])('%p is no file', (value) => {
    expect(codeOf(() => decodeWav(value as unknown as Uint8Array))).toBe('AUDIO_FILE');
  });

  test.each([null, 'fast', { allowTruncated: 'no' }, { maxSamples: Number.NaN }, { maxSamples: '9' }])(
    'options of %j are refused',
    (options) => {
      for (const decode of [decodeWav, decodeWavChannels]) expect(codeOf(() => decode(wavFile(), options as never))).toBe('AUDIO_OPTION');
    },
  );

  test('bytes that were transferred away are no file', () => {
    const gone = wavFile();
    const buffer = gone.buffer as ArrayBuffer;
    structuredClone(buffer, { transfer: [buffer] });
    for (const file of [gone, buffer]) {
      for (const decode of [decodeWav, decodeWavChannels, wavInfo]) expect(codeOf(() => decode(file))).toBe('AUDIO_FILE');
    }
  });

  test('2,000 damaged files give sound or a typed error', () => {
    const files = goldens.decode.map(({ file }) => bytesOfBase64(file));
    const outcomes = { decoded: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }),
        fc.nat(2000),
        fc.boolean(),
        (good, changes, length, allowTruncated) => {
          const bytes = good.slice(0, length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            const { channels } = decodeWavChannels(bytes, { allowTruncated });
            expect(channels.length * channels[0]!.length).toBeLessThanOrEqual(bytes.length);
            outcomes.decoded++;
          } catch (error) {
            if (!(error instanceof AudioError)) throw error;
            outcomes.refused++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(100);
  });
});
