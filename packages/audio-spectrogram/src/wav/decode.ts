import type { Audio } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import { mixInto } from '../mix-down.js';
import { viewBytes } from '../sniff/bytes.js';
import type { WavEncoding } from './format.js';
import { type WavHeader, wavHeader } from './header.js';
import { checkLimits } from './limits.js';
import { readSamples } from './samples.js';

/** Sound of several channels, samples in [-1, 1]; all channels are equally long. */
export interface ChannelAudio {
  readonly channels: readonly Float32Array[];
  /** In hertz. */
  readonly sampleRate: number;
}

export interface DecodeWavOptions {
  /** Take the sound that there is of a file that is cut short. Default false. */
  readonly allowTruncated?: boolean;
  /** Refuse files of more samples, all channels together, before allocating them. Default 2²⁹: 101 minutes of stereo at 44.1 kHz, 2 GiB. */
  readonly maxSamples?: number;
}

export interface MonoOptions {
  /** Which channel to take, from 0; without it, channels are mixed by their mean. */
  readonly channel?: number | undefined;
}

/** What a WAV says of itself. */
export interface WavInfo {
  readonly container: 'RIFF' | 'RIFX' | 'RF64' | 'BW64';
  readonly encoding: WavEncoding;
  /** Those that carry sound: 20 of a `pcm24` sample, say. */
  readonly bitsPerSample: number;
  readonly channels: number;
  /** In hertz. */
  readonly sampleRate: number;
  /** Samples of each channel: as the header says, or what the bytes hold where it leaves the length open. */
  readonly frames: number;
  /** In seconds. */
  readonly duration: number;
  /** Which loudspeakers the channels are for (`dwChannelMask`), where the file says so. */
  readonly channelMask?: number;
}

/** The default limit on the samples of a file, all channels together. */
export const MAX_SAMPLES = 2 ** 29;
/** Frames that are mixed at a time: they stay in a processor's cache. */
const BLOCK = 4096;

/**
 * Decodes a WAV to one channel of float32 samples, bit for bit those of libsndfile: PCM of 8, 16, 24 and 32 bits, float of 32 and 64, A-law,
 * µ-law, in RIFF, RIFX, RF64 and BW64. Channels are mixed by their mean, or one of them is taken.
 *
 * @throws AudioError `AUDIO_EMPTY`, `AUDIO_UNKNOWN_FORMAT`, `AUDIO_UNSUPPORTED_FORMAT`, `AUDIO_TRUNCATED`, `AUDIO_DECODE`, `AUDIO_TOO_LARGE`,
 *   `AUDIO_CHANNELS` for a channel that is not there, `AUDIO_FILE` for what is no bytes, `AUDIO_OPTION`.
 */
export function decodeWav(file: Uint8Array | ArrayBuffer, options: DecodeWavOptions & MonoOptions = {}): Audio {
  const wav = openWav(file, options);
  return { data: monoSamples(wav.view, wav.offset, wav.frames, wav.header, options.channel), sampleRate: wav.header.sampleRate };
}

/** Decodes a WAV to its channels, as {@link decodeWav} does to one. @throws AudioError those of {@link decodeWav} */
export function decodeWavChannels(file: Uint8Array | ArrayBuffer, options: DecodeWavOptions = {}): ChannelAudio {
  const { view, offset, frames, header } = openWav(file, options);
  return { channels: channelSamples(view, offset, frames, header), sampleRate: header.sampleRate };
}

/**
 * What a WAV is, from its header; the first few kilobytes of a file suffice.
 *
 * @throws AudioError those of {@link decodeWav} that concern the header.
 */
export function wavInfo(file: Uint8Array | ArrayBuffer): WavInfo {
  const bytes = bytesOf(file);
  const { header, offset } = headerOf(bytes);
  const { container, encoding, bitsPerSample, channels, sampleRate, channelMask } = header;
  const held = header.openEnded ? Math.min(header.dataBytes, Math.max(0, bytes.length - offset)) : header.dataBytes;
  const frames = Math.floor(held / header.frameBytes);
  const info = { container, encoding, bitsPerSample, channels, sampleRate, frames, duration: frames / sampleRate };
  return channelMask === undefined ? info : { ...info, channelMask };
}

/** The mean of a WAV's channels, or one of them. @throws AudioError `AUDIO_CHANNELS` */
export function monoSamples(view: DataView, offset: number, frames: number, header: WavHeader, channel?: number): Float32Array {
  const wanted = checkChannel(channel, header.channels);
  const width = header.frameBytes / header.channels;
  const out = new Float32Array(frames);
  if (wanted !== undefined) {
    readSamples(view, offset + wanted * width, header, out);
    return out;
  }
  const block = Math.min(frames, BLOCK);
  const scratch = Array.from({ length: header.channels }, () => new Float32Array(block));
  for (let from = 0; from < frames; from += BLOCK) {
    const part = out.subarray(from, from + BLOCK);
    scratch.forEach((samples, c) => {
      readSamples(view, offset + from * header.frameBytes + c * width, header, samples.subarray(0, part.length));
    });
    mixInto(scratch, part);
  }
  return out;
}

/** All channels of a WAV. */
export function channelSamples(view: DataView, offset: number, frames: number, header: WavHeader): Float32Array[] {
  return Array.from({ length: header.channels }, (_, c) => {
    const out = new Float32Array(frames);
    readSamples(view, offset + (c * header.frameBytes) / header.channels, header, out);
    return out;
  });
}

/** The channel to take, or undefined for the mean of several. @throws AudioError `AUDIO_CHANNELS` for one that is not there */
export function checkChannel(channel: unknown, channels: number): number | undefined {
  if (channel === undefined) return channels === 1 ? 0 : undefined;
  if (Number.isInteger(channel) && (channel as number) >= 0 && (channel as number) < channels) return channel as number;
  throw new AudioError({
    code: 'AUDIO_CHANNELS',
    message: `channel is ${shown(channel)}, but the file has channels 0 to ${channels - 1}.`,
    fix: 'Leave it out to mix all channels to one.',
  });
}

/**
 * The frames that some bytes of samples hold.
 *
 * @throws AudioError `AUDIO_TRUNCATED` where the header promises more, or where they end inside a frame, unless that is allowed.
 */
export function framesIn(bytes: number, { dataBytes, openEnded, frameBytes }: WavHeader, allowTruncated = false): number {
  const frames = Math.floor(bytes / frameBytes);
  const rest = bytes - frames * frameBytes;
  // One byte that makes the chunk's length even is padding that was counted in.
  const inside = rest > 0 && !(rest === 1 && bytes % 2 === 0);
  if (allowTruncated || (!inside && (bytes >= dataBytes || openEnded))) return frames;
  throw new AudioError({
    code: 'AUDIO_TRUNCATED',
    message: inside
      ? `the WAV ends inside a frame: ${bytes} bytes of samples are no multiple of ${frameBytes}.`
      : `the WAV header promises ${dataBytes} bytes of samples, but ${bytes} follow.`,
    fix: 'Copy or download the file again, or pass allowTruncated to take what there is.',
  });
}

/** @throws AudioError `AUDIO_TOO_LARGE` */
export function checkSamples(samples: number, maxSamples = MAX_SAMPLES): void {
  if (samples <= maxSamples) return;
  throw new AudioError({
    code: 'AUDIO_TOO_LARGE',
    message: `the file has ${samples} samples in all channels, but at most ${maxSamples} are decoded.`,
    fix: 'Pass a larger maxSamples if it can be trusted, or read a WAV as a stream, with readWav.',
  });
}

function openWav(file: Uint8Array | ArrayBuffer, options: DecodeWavOptions) {
  const { allowTruncated, maxSamples } = checkLimits('decodeWav', options);
  const bytes = bytesOf(file);
  const { header, offset } = headerOf(bytes);
  const frames = framesIn(Math.min(header.dataBytes, bytes.length - offset), header, allowTruncated);
  checkSamples(frames * header.channels, maxSamples);
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset, frames, header };
}

function headerOf(bytes: Uint8Array): { header: WavHeader; offset: number } {
  const parser = wavHeader();
  let offset = 0;
  let step = parser.next();
  while (!step.done) {
    const from = offset;
    offset = Math.min(bytes.length, from + ('take' in step.value ? step.value.take : step.value.skip));
    step = parser.next(bytes.subarray(from, offset));
  }
  return { header: step.value, offset };
}

function bytesOf(file: unknown): Uint8Array {
  const bytes = viewBytes(file);
  if (bytes) return bytes;
  throw new AudioError({
    code: 'AUDIO_FILE',
    message: `the file is ${shown(file)}, but its bytes were expected, as a Uint8Array or an ArrayBuffer.`,
  });
}
