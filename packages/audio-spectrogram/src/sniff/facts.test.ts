import { describe, expect, test } from '@jest/globals';
import { bytesOfBase64, codeOf } from '../../test/wav-file.js';
import goldens from '../goldens/codecs.json' with { type: 'json' };
import { soundFacts } from './facts.js';
import { audioFormat } from './format.js';
import { mp3Facts } from './mp3.js';
import { playableFacts } from './rate.js';

const files = goldens.cases.map((golden) => ({ ...golden, bytes: bytesOfBase64(golden.file) }));

test.each(files)('$name: codec, rate, channels and length are read from the header', ({ bytes, codec, sampleRate, channels, frames }) => {
  const facts = soundFacts(bytes, audioFormat(bytes)!);
  expect(facts).toMatchObject({ codec, sampleRate, channels, cutShort: false });
  // An MP3's frames hold what the encoder put before and behind, which decoders leave out.
  if (codec === 'mp3') expect(facts.frames! - frames).toBeLessThanOrEqual(3 * 1152);
  expect(facts.frames).toBeGreaterThanOrEqual(frames);
});

test.each(files.filter(({ codec }) => codec !== 'flac'))('$name: every cut shows, or leaves no header', ({ bytes }) => {
  const format = audioFormat(bytes)!;
  for (let length = 16; length < bytes.length; length += 29) {
    const code = codeOf(() => expect(soundFacts(bytes.subarray(0, length), format).cutShort).toBe(true));
    expect(['no error', 'AUDIO_TRUNCATED', 'AUDIO_DECODE']).toContain(code);
  }
});

test('M4A and AAC say their rate', () => {
  for (const [format, file] of [['mp4', goldens.other.m4a] as const, ['aac', goldens.other.aac] as const]) {
    const bytes = bytesOfBase64(file);
    expect(audioFormat(bytes)).toBe(format);
    expect(playableFacts(bytes, format)).toEqual({ sampleRate: 16_000, cutShort: false });
    expect(codeOf(() => soundFacts(bytes, format))).toBe('AUDIO_UNSUPPORTED_FORMAT');
  }
  expect(playableFacts(new Uint8Array(50), 'mp4')).toEqual({ cutShort: false });
});

describe('MP3 frames are walked over', () => {
  const frame = (header: number, bytes: number) => {
    const data = new Uint8Array(bytes);
    new DataView(data.buffer).setUint32(0, header);
    return data;
  };
  const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));

  test.each([
    ['MPEG-1, layer III, 128 kbit/s', 0xfffb9000, 417, 44_100, 1152, 2],
    ['MPEG-1, layer III, 128 kbit/s, padded', 0xfffb9200, 418, 44_100, 1152, 2],
    ['MPEG-1, layer III, 128 kbit/s, one channel', 0xfffb94c0, 384, 48_000, 1152, 1],
    ['MPEG-1, layer II, 192 kbit/s', 0xfffda400, 576, 48_000, 1152, 2],
    ['MPEG-1, layer I, 384 kbit/s', 0xffffc800, 576, 32_000, 384, 2],
    ['MPEG-2, layer III, 64 kbit/s', 0xfff38000, 208, 22_050, 576, 2],
    ['MPEG-2.5, layer III, 8 kbit/s', 0xffe318c0, 72, 8000, 576, 1],
  ])('%s', (_, header, bytes, sampleRate, samples, channels) => {
    const one = frame(header, bytes);
    expect(mp3Facts(join(one, one, one))).toEqual({ codec: 'mp3', sampleRate, channels, frames: 3 * samples, cutShort: false });
    expect(mp3Facts(join(one, one, one.subarray(0, 20))).cutShort).toBe(true);
    // A tag before and one behind are no sound.
    const tag = join(new TextEncoder().encode('ID3\u0004\0\0\0\0\0\u0003'), new Uint8Array(3));
    expect(mp3Facts(join(tag, one, one, new TextEncoder().encode('TAG'), new Uint8Array(125))).frames).toBe(2 * samples);
  });

  test('what is no frame is passed over, and nothing else is an error', () => {
    const one = frame(0xfffb9000, 417);
    expect(mp3Facts(join(Uint8Array.of(255, 251, 0, 0, 1), one, one, new Uint8Array(9), one)).frames).toBe(3 * 1152);
    expect(codeOf(() => mp3Facts(new Uint8Array(5000)))).toBe('AUDIO_DECODE');
  });
});
