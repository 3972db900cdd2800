import type { PolymodalError } from '@polymodal/modality-registry';
import { decodeAudio, decodeAudioChannels } from '../src/browser.js';
import codecs from '../src/goldens/codecs.json';
import wav from '../src/goldens/wav.json';
import { decodeWav, encodeWav, readWavChannels } from '../src/index.js';
import { bytesOfBase64, channelsOf, wavFile } from './wav-file.js';

const hasWebAudio = 'OfflineAudioContext' in globalThis;

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as PolymodalError).code;
  }
  return 'no error';
}

async function refuses(work: () => Promise<unknown>, expected: string): Promise<void> {
  const code = await codeOf(work);
  if (code !== expected) throw new Error(`${code} instead of ${expected}`);
}

const fileOf = (wanted: string) => bytesOfBase64(codecs.cases.find(({ name }) => name === wanted)!.file);

function largestDifference(found: readonly Float32Array[], expected: readonly Float32Array[]): number {
  if (found.length !== expected.length) throw new Error(`${found.length} channels instead of ${expected.length}`);
  let most = 0;
  found.forEach((channel, c) => {
    const other = expected[c]!;
    for (let i = 0; i < Math.min(channel.length, other.length); i++) most = Math.max(most, Math.abs(channel[i]! - other[i]!));
  });
  return most;
}

const wavCases = wav.decode.map(({ name, file, samples, channels, sampleRate }) => ({
  name: `${name} is that of libsndfile, bit for bit`,
  async run() {
    const bytes = bytesOfBase64(file);
    for (const source of [bytes, new Uint8Array(bytes).buffer, new Blob([bytes])]) {
      const found = await decodeAudioChannels(source);
      if (found.sampleRate !== sampleRate) throw new Error(`${found.sampleRate} Hz`);
      const difference = largestDifference(found.channels, channelsOf(samples, channels));
      if (difference !== 0) throw new Error(`differs by ${difference}`);
    }
    const blocks = [];
    for await (const block of readWavChannels(new Blob([bytes]).stream(), { blockFrames: 5 })) blocks.push(...block.channels);
    return [(await decodeAudio(bytes)).data, ...blocks];
  },
}));

/** Chromium ends Vorbis with the last whole block. */
const missing = (codec: string) => (codec === 'vorbis' ? 128 : 0);

const codecCases = codecs.cases.map(({ name, codec, file, samples, channels, sampleRate, frames, decodedBy, tolerance }) => ({
  name: `${name} is that of ${decodedBy} within ${tolerance}, at its own rate; in pages alone`,
  async run() {
    const bytes = bytesOfBase64(file);
    if (!hasWebAudio) return refuses(() => decodeAudio(bytes), 'AUDIO_DECODER_MISSING');
    const found = await decodeAudioChannels(bytes);
    const { length } = found.channels[0]!;
    if (found.sampleRate !== sampleRate) throw new Error(`${found.sampleRate} Hz instead of ${sampleRate}`);
    if (length > frames || length < frames - missing(codec)) throw new Error(`${length} of ${frames} frames`);
    const difference = largestDifference(found.channels, channelsOf(samples, channels));
    if (difference > tolerance) throw new Error(`differs by ${difference}`);
    const { data } = await decodeAudio(bytes, { channel: channels - 1 });
    if (largestDifference([data], [found.channels.at(-1)!]) !== 0) throw new Error('another channel');
  },
}));

/** Every level of 16 bits. */
const ramp = Float32Array.from({ length: 0x10000 }, (_, i) => (i - 0x8000) / 0x8000);

const flac = fileOf('flac16.flac');
const opus = fileOf('Opus');
const mp3 = fileOf('MP3');
const text = (value: string) => new TextEncoder().encode(value);
const reason = new Error('enough');
const bad: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['0 bytes', () => decodeAudio(new Uint8Array(0)), 'AUDIO_EMPTY'],
  ['a number', () => decodeAudio(7 as never), 'AUDIO_FILE'],
  ['text', () => decodeAudio(text('hello, world')), 'AUDIO_UNKNOWN_FORMAT'],
  ['AIFF', () => decodeAudio(text('FORM\0\0\0\x20AIFFCOMM')), 'AUDIO_UNSUPPORTED_FORMAT'],
  ['a WAV cut short', () => decodeAudio(wavFile().subarray(0, 46)), 'AUDIO_TRUNCATED'],
  ['an MP3 cut short', () => decodeAudio(mp3.subarray(0, 600)), 'AUDIO_TRUNCATED'],
  ['an Opus cut short', () => decodeAudio(opus.subarray(0, 300)), 'AUDIO_TRUNCATED'],
  ['more samples than asked for, by the header', () => decodeAudio(flac, { maxSamples: 881 }), 'AUDIO_TOO_LARGE'],
  ['a Blob of more bytes than asked for', () => decodeAudio(new Blob([new Uint8Array(flac)]), { maxBytes: 100 }), 'AUDIO_TOO_LARGE'],
  ['a channel that is not there', () => decodeAudio(wavFile(), { channel: 1 }), 'AUDIO_CHANNELS'],
  ['a sample rate of 0', () => decodeAudio(flac, { sampleRate: 0 }), 'AUDIO_SAMPLE_RATE'],
];

export default [
  ...wavCases,
  ...codecCases,
  ...bad.map(([name, work, code]) => ({ name: `${name} is ${code}`, run: () => refuses(work, code) })),
  {
    name: 'M4A and AAC come at their own rate, in pages alone',
    async run() {
      for (const file of Object.values(codecs.other).map(bytesOfBase64)) {
        if (!hasWebAudio) await refuses(() => decodeAudio(file), 'AUDIO_DECODER_MISSING');
        else {
          const { data, sampleRate } = await decodeAudio(file);
          if (sampleRate !== 16_000 || data.length < 1600 || data.length > 5000)
            throw new Error(`${data.length} samples at ${sampleRate} Hz`);
        }
      }
    },
  },
  {
    name: 'the browser resamples when asked',
    async run() {
      if (!hasWebAudio) return;
      const { data, sampleRate } = await decodeAudio(flac, { sampleRate: 44_100 });
      if (sampleRate !== 44_100 || Math.abs(data.length - 882) > 1) throw new Error(`${data.length} samples at ${sampleRate} Hz`);
    },
  },
  {
    name: 'damaged FLAC is a typed error, and an abort its reason',
    async run() {
      const damaged = flac.map((byte, i) => (i > 100 ? byte ^ 0x5a : byte));
      await refuses(() => decodeAudio(damaged), hasWebAudio ? 'AUDIO_DECODE' : 'AUDIO_DECODER_MISSING');
      const caught = await decodeAudio(flac, { signal: AbortSignal.abort(reason) }).catch((error) => error);
      if (caught !== reason) throw new Error(String(caught));
    },
  },
  {
    name: 'WAV is written alike everywhere',
    run: () =>
      (['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32'] as const).map((format) => encodeWav({ data: ramp, sampleRate: 16_000 }, { format })),
  },
  {
    name: 'every level of 16 bits comes out of a FLAC',
    async run() {
      const file = bytesOfBase64(codecs.everyLevel);
      if (!hasWebAudio) return refuses(() => decodeAudio(file), 'AUDIO_DECODER_MISSING');
      const { data } = await decodeAudio(file);
      const at = data.findIndex((x, i) => x !== ramp[i]);
      if (at >= 0 || data.length !== ramp.length) throw new Error(`level ${at - 0x8000} of ${data.length} is ${data[at]}`);
    },
  },
  {
    name: 'every level of 16 bits is written and read again',
    run() {
      if (largestDifference([decodeWav(encodeWav({ data: ramp, sampleRate: 8000 })).data], [ramp]) !== 0)
        throw new Error('a level changed');
    },
  },
];
