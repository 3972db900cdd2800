import type { Audio } from '@polymodal/modality-registry';
import { AudioError } from '../errors.js';
import { mixDown } from '../mix-down.js';
import { codecNames, damagedSound, type SoundFacts, soundFacts } from '../sniff/facts.js';
import { audioFormat, unknownFormat } from '../sniff/format.js';
import {
  type ChannelAudio,
  checkChannel,
  checkSamples,
  type DecodeWavOptions,
  decodeWav,
  decodeWavChannels,
  MAX_SAMPLES,
  type MonoOptions,
} from '../wav/decode.js';
import { checkLimits } from '../wav/limits.js';
import { type Block, decodeInWorker } from './decode-worker.js';
import { findDecoder, tailOf } from './decoders.js';
import { type AudioSource, readSource } from './read.js';

export interface DecodeAudioOptions extends DecodeWavOptions {
  /** Refuse files of more bytes, before reading them. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Give up where a decoder gives nothing for so many seconds. Default 60. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes a sound file, by its content, to one channel at its own rate: WAV as `decodeWav` does, FLAC bit for bit as libsndfile does, MP3 and
 * Ogg Vorbis to within 2e-6 of libsndfile, Opus as libopus does, at 48 kHz. All but WAV needs an optional peer, which runs in a thread.
 *
 * @throws AudioError those of `decodeWav`; `AUDIO_FILE` for a file that cannot be read, `AUDIO_DECODER_MISSING`; the signal's reason.
 */
export async function decodeAudio(source: AudioSource, options: DecodeAudioOptions & MonoOptions = {}): Promise<Audio> {
  const { bytes, format } = await open(source, options);
  if (format === 'wav') return decodeWav(bytes, options);
  const facts = factsOf(bytes, format, options);
  const wanted = checkChannel(options.channel, facts.channels);
  const parts: Float32Array[] = [];
  await decodeBlocks(bytes, facts, options, (channels) => parts.push(wanted === undefined ? mixDown(channels) : channels[wanted]!));
  return { data: joined(parts), sampleRate: facts.sampleRate };
}

/** Decodes a sound file to its channels, as {@link decodeAudio} does to one. @throws AudioError those of {@link decodeAudio} */
export async function decodeAudioChannels(source: AudioSource, options: DecodeAudioOptions = {}): Promise<ChannelAudio> {
  const { bytes, format } = await open(source, options);
  if (format === 'wav') return decodeWavChannels(bytes, options);
  const facts = factsOf(bytes, format, options);
  const parts: (readonly Float32Array[])[] = [];
  await decodeBlocks(bytes, facts, options, (channels) => parts.push(channels));
  const channels = Array.from({ length: facts.channels }, (_, c) => joined(parts.map((part) => part[c]!)));
  return { channels, sampleRate: facts.sampleRate };
}

async function open(source: AudioSource, options: DecodeAudioOptions) {
  const { maxBytes = 512 * 2 ** 20, signal } = checkLimits('decodeAudio', options);
  signal?.throwIfAborted();
  const bytes = await readSource(source, maxBytes, signal);
  const format = audioFormat(bytes);
  if (!format) throw unknownFormat(bytes, 'a WAV, FLAC, MP3 or Ogg');
  return { bytes, format };
}

/** What the header says, held to the limits. */
function factsOf(bytes: Uint8Array, format: NonNullable<ReturnType<typeof audioFormat>>, options: DecodeAudioOptions): SoundFacts {
  const facts = soundFacts(bytes, format);
  checkSamples((facts.frames ?? 0) * facts.channels, options.maxSamples);
  if (facts.cutShort && !options.allowTruncated) throw truncated(facts, `of ${bytes.length} bytes ends before its sound does`);
  return facts;
}

/** Gives the channels of block after block, no more frames than the file says, and as many. */
async function decodeBlocks(
  bytes: Uint8Array,
  facts: SoundFacts,
  { maxSamples = MAX_SAMPLES, timeoutSeconds = 60, allowTruncated = false, signal }: DecodeAudioOptions,
  onBlock: (channels: readonly Float32Array[]) => void,
): Promise<void> {
  const { codec, channels: count, sampleRate, frames: promised = Infinity } = facts;
  const decoder = findDecoder(codec);
  const tail = tailOf(bytes, codec);
  let frames = 0;
  await decodeInWorker({ codec, decoder, bytes, tail, maxSamples, timeoutSeconds, signal }, (block: Block) => {
    const { channels, errors } = block;
    if (errors.length > 0 && !allowTruncated) throw damagedSound(codecNames[codec], errors[0]!);
    const length = Math.min(channels[0]?.length ?? 0, codec === 'mp3' ? Infinity : promised - frames);
    if (length <= 0) return;
    // A single channel of MP3 comes twice.
    if (channels.length < count || block.sampleRate !== sampleRate) {
      const found = `${channels.length} channels at ${block.sampleRate} Hz`;
      throw damagedSound(codecNames[codec], `${found} follow a header of ${count} at ${sampleRate} Hz`);
    }
    frames += length;
    checkSamples(frames * count, maxSamples);
    onBlock(channels.slice(0, count).map((samples) => (codec === 'flac' ? exact(samples, block.bitDepth) : samples).subarray(0, length)));
  });
  if (codec === 'flac' && frames < promised && promised !== Infinity && !allowTruncated) {
    throw truncated(facts, `promises ${promised} samples of each channel, but ${frames} could be decoded: it is cut short or damaged`);
  }
}

/** The decoder divides by the largest level instead of by a power of two as all others do: its integers are found again. */
function exact(samples: Float32Array, bits = 16): Float32Array {
  const [largest, scale] = [2 ** (bits - 1) - 1, 2 ** (bits - 1)];
  return samples.map((x) => Math.round(x * largest) / scale);
}

function truncated({ codec }: SoundFacts, what: string): AudioError {
  return new AudioError({
    code: 'AUDIO_TRUNCATED',
    message: `the ${codecNames[codec]} file ${what}.`,
    fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
  });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
