import type { Audio } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import { mixDown } from '../mix-down.js';
import { checkRate } from '../signal.js';
import { viewBytes } from '../sniff/bytes.js';
import { codecNames, damagedSound } from '../sniff/facts.js';
import { type AudioFormat, audioFormat, convertFirst, formatNames, unknownFormat } from '../sniff/format.js';
import { playableFacts } from '../sniff/rate.js';
import {
  type ChannelAudio,
  checkChannel,
  checkSamples,
  type DecodeWavOptions,
  decodeWav,
  decodeWavChannels,
  type MonoOptions,
} from '../wav/decode.js';
import { checkLimits } from '../wav/limits.js';

/** What is used of Web Audio: its types are in no library that Node's sources may name. */
interface Decoded {
  readonly numberOfChannels: number;
  readonly length: number;
  getChannelData(channel: number): Float32Array;
}
type Context = new (channels: number, length: number, sampleRate: number) => { decodeAudioData(file: ArrayBuffer): Promise<Decoded> };

export interface DecodeAudioOptions extends DecodeWavOptions {
  /** Hertz that the browser resamples to, its own way; default the file's own rate. WAV is not resampled: `resample` does it as Python does. */
  readonly sampleRate?: number | undefined;
  /** Refuse files of more bytes, before reading them. Default 512 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const playable: readonly AudioFormat[] = ['flac', 'mp3', 'ogg', 'mp4', 'aac', 'webm'];

/**
 * Decodes a sound file in a browser, by its content, to one channel: WAV as `decodeWav` does, anywhere; FLAC, MP3, Ogg, M4A, AAC and WebM by
 * the browser (`decodeAudioData`), in pages alone, at the file's own rate, so that the browser does not resample.
 *
 * @throws AudioError those of `decodeWav`; `AUDIO_DECODER_MISSING` in workers and where there is no Web Audio, `AUDIO_FILE` for what is no
 *   bytes; the signal's reason.
 */
export async function decodeAudio(source: Uint8Array | ArrayBuffer | Blob, options: DecodeAudioOptions & MonoOptions = {}): Promise<Audio> {
  const { bytes, format } = await open(source, options);
  if (format === 'wav') return decodeWav(bytes, options);
  const { channels, sampleRate } = await decodePlayable(bytes, format, options);
  const wanted = checkChannel(options.channel, channels.length);
  return { data: wanted === undefined ? mixDown(channels) : channels[wanted]!, sampleRate };
}

/** Decodes a sound file to its channels, as {@link decodeAudio} does to one. @throws AudioError those of {@link decodeAudio} */
export async function decodeAudioChannels(
  source: Uint8Array | ArrayBuffer | Blob,
  options: DecodeAudioOptions = {},
): Promise<ChannelAudio> {
  const { bytes, format } = await open(source, options);
  return format === 'wav' ? decodeWavChannels(bytes, options) : decodePlayable(bytes, format, options);
}

async function open(source: unknown, options: DecodeAudioOptions): Promise<{ bytes: Uint8Array; format: AudioFormat }> {
  checkLimits('decodeAudio', options).signal?.throwIfAborted();
  const bytes = await bytesOf(source, options.maxBytes ?? 512 * 2 ** 20);
  options.signal?.throwIfAborted();
  const format = audioFormat(bytes);
  if (!format) throw unknownFormat(bytes, 'a WAV, FLAC, MP3, Ogg, M4A, AAC or WebM');
  if (format === 'wav' || playable.includes(format)) return { bytes, format };
  throw new AudioError({
    code: 'AUDIO_UNSUPPORTED_FORMAT',
    message: `the file is ${formatNames[format]}, which browsers do not decode.`,
    fix: convertFirst(format),
  });
}

async function decodePlayable(bytes: Uint8Array, format: AudioFormat, options: DecodeAudioOptions): Promise<ChannelAudio> {
  const facts = playableFacts(bytes, format);
  const name = facts.codec ? codecNames[facts.codec] : formatNames[format];
  checkSamples((facts.frames ?? 0) * (facts.channels ?? 1), options.maxSamples);
  if (facts.cutShort && !options.allowTruncated) {
    throw new AudioError({
      code: 'AUDIO_TRUNCATED',
      message: `the ${name} file of ${bytes.length} bytes ends before its sound does.`,
      fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
    });
  }
  const sampleRate = checkRate(options.sampleRate ?? facts.sampleRate ?? 48_000);
  const buffer = await decodeHere(bytes, sampleRate, name, options.signal);
  checkSamples(buffer.length * buffer.numberOfChannels, options.maxSamples);
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c));
  if (facts.bitDepth === 16 && sampleRate === facts.sampleRate) toPowerOfTwo(channels);
  return { channels, sampleRate };
}

/** Levels of 16 bits over 32,768, in place. Chromium divides those above 0 by 32,767, which shows in all but the loudest. */
function toPowerOfTwo(channels: readonly Float32Array[]): void {
  if (channels.every((samples) => samples.every((x) => Number.isInteger(x * 0x8000)))) return;
  for (const samples of channels) {
    for (let i = 0; i < samples.length; i++) if (samples[i]! > 0) samples[i] = Math.round(samples[i]! * 0x7fff) / 0x8000;
  }
}

async function decodeHere(bytes: Uint8Array, sampleRate: number, name: string, signal: AbortSignal | undefined): Promise<Decoded> {
  const { OfflineAudioContext } = globalThis as { readonly OfflineAudioContext?: Context };
  if (!OfflineAudioContext) {
    throw new AudioError({
      code: 'AUDIO_DECODER_MISSING',
      message: `decoding ${name} needs OfflineAudioContext, which pages of browsers have, and workers and Node do not.`,
      fix: 'Decode it in the page and transfer the samples; in Node import @polymodal/audio-spectrogram/node.',
    });
  }
  // The browser takes the buffer away.
  const copy = new Uint8Array(bytes).buffer;
  try {
    const decoding = new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(copy);
    return await (signal ? untilAborted(decoding, signal) : decoding);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw damagedSound(name, cause instanceof Error ? cause.message.replace(/\.$/, '') : shown(cause), cause);
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function bytesOf(source: unknown, maxBytes: number): Promise<Uint8Array> {
  const bytes = viewBytes(source);
  if (bytes) return bytes;
  // By method: blobs of another realm are such too.
  const blob = source as Blob | null;
  if (typeof blob?.arrayBuffer !== 'function') {
    throw new AudioError({ code: 'AUDIO_FILE', message: `the file is ${shown(source)}, but bytes or a Blob were expected.` });
  }
  if (blob.size > maxBytes) {
    throw new AudioError({
      code: 'AUDIO_TOO_LARGE',
      message: `the file has ${blob.size} bytes, but at most ${maxBytes} are read.`,
      fix: 'Pass a larger maxBytes if it can be trusted, or read a WAV as a stream: readWav(blob.stream()).',
    });
  }
  return new Uint8Array(await blob.arrayBuffer());
}
