import type { Audio } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions, optionError } from '../errors.js';
import { checkChannels } from '../mix-down.js';
import { checkRate, type SignalOptions, samplesOf } from '../signal.js';
import { warnsOnce } from '../warns-once.js';
import type { ChannelAudio } from './decode.js';
import type { WavEncoding } from './format.js';

/** What `encodeWav` writes. */
export type WavTarget = Exclude<WavEncoding, 'alaw' | 'mulaw'>;

export interface EncodeWavOptions extends SignalOptions {
  /** Default `pcm16`. */
  readonly format?: WavTarget;
}

const widths: Readonly<Record<WavTarget, number>> = { pcm8: 1, pcm16: 2, pcm24: 3, pcm32: 4, float32: 4, float64: 8 };

/**
 * Writes a WAV of one channel or several, with the bytes that soundfile (libsndfile) writes for PCM: what is beyond [-1, 1) is clipped, the rest
 * rounded down to the next level. Floats are written as they are. What `decodeWav` gives of PCM up to 24 bits comes back unchanged.
 *
 * @throws AudioError `AUDIO_OPTION`, `AUDIO_CHANNELS`, `AUDIO_SIGNAL`, `AUDIO_NOT_FINITE`, `AUDIO_SAMPLE_RATE` for what no header can hold,
 *   `AUDIO_TOO_LARGE` over 4 GiB.
 */
export function encodeWav(audio: Audio | ChannelAudio, options: EncodeWavOptions = {}): Uint8Array {
  const { format = 'pcm16' } = checkOptions('encodeWav', options);
  checkNames('encodeWav', options, ['format', 'notFinite', 'onWarning']);
  const width = Object.hasOwn(widths, format) ? widths[format] : undefined;
  if (width === undefined) throw optionError('format', format, `one of ${Object.keys(widths).join(', ')}`);
  const given = audio !== null && typeof audio === 'object' && 'channels' in audio ? audio.channels : [audio?.data];
  const frames = checkChannels(given);
  const frameBytes = width * given.length;
  const dataBytes = frames * frameBytes;
  const header = wavHeaderBytes(format, given.length, rateOf(audio.sampleRate), frames, frameBytes);
  // Chunks have even lengths, with a byte of padding behind.
  const total = header.length + dataBytes + (dataBytes % 2);
  checkSize(total);
  const once = warnsOnce(options);
  const channels = given.map((samples) => samplesOf(samples, once));
  const file = new Uint8Array(total);
  file.set(header);
  const view = new DataView(file.buffer);
  view.setUint32(4, total - 8, true);
  view.setUint32(header.length - 4, dataBytes, true);
  channels.forEach((samples, c) => {
    writeSamples(view, header.length + c * width, frameBytes, format, samples);
  });
  return file;
}

/** All before the samples; the sizes of the file and of the data are filled in by who knows them. */
function wavHeaderBytes(format: WavTarget, channels: number, sampleRate: number, frames: number, frameBytes: number): Uint8Array {
  const isFloat = format.startsWith('float');
  if (channels > 1024) {
    throw new AudioError({ code: 'AUDIO_CHANNELS', message: `there are ${channels} channels, but a WAV has at most 1024.` });
  }
  // What is not PCM says how long its extension is, and how many frames there are.
  const bytes = new Uint8Array(isFloat ? 58 : 44);
  const view = new DataView(bytes.buffer);
  const tag = (at: number, name: string) => {
    for (let i = 0; i < 4; i++) bytes[at + i] = name.charCodeAt(i);
  };
  tag(0, 'RIFF');
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  view.setUint32(16, isFloat ? 18 : 16, true);
  view.setUint16(20, isFloat ? 3 : 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, (frameBytes / channels) * 8, true);
  if (isFloat) {
    tag(38, 'fact');
    view.setUint32(42, 4, true);
    view.setUint32(46, frames, true);
  }
  tag(bytes.length - 8, 'data');
  return bytes;
}

/** libsndfile's rule with clipping, as soundfile sets it: to 32 bits, rounded to even, of which the upper ones are written. */
function writeSamples(view: DataView, start: number, frameBytes: number, format: WavTarget, samples: Float32Array): void {
  let at = start;
  for (let i = 0; i < samples.length; i++, at += frameBytes) {
    const x = samples[i]!;
    if (format === 'float32') view.setFloat32(at, x, true);
    else if (format === 'float64') view.setFloat64(at, x, true);
    else {
      const level = levelOf(x);
      if (format === 'pcm16') view.setInt16(at, level >> 16, true);
      else if (format === 'pcm32') view.setInt32(at, level, true);
      else if (format === 'pcm8') view.setUint8(at, (level >> 24) + 128);
      else {
        view.setUint16(at, (level >> 8) & 0xffff, true);
        view.setInt8(at + 2, level >> 24);
      }
    }
  }
}

/** A sample as a whole number of 32 bits; 24 bits of mantissa leave ties only below 2⁻⁷, where even wins. */
function levelOf(x: number): number {
  const scaled = x * 0x80000000;
  if (scaled >= 0x7fffffff) return 0x7fffffff;
  if (scaled <= -0x80000000) return -0x80000000;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

function rateOf(value: unknown): number {
  const rate = checkRate(value);
  if (Number.isInteger(rate) && rate <= 0xffffffff) return rate;
  throw new AudioError({
    code: 'AUDIO_SAMPLE_RATE',
    message: `sampleRate is ${rate}, but a WAV holds whole numbers of hertz below 2³².`,
    fix: 'Round it, or resample to a whole rate.',
  });
}

function checkSize(bytes: number): void {
  if (bytes <= 0xffffffff) return;
  throw new AudioError({
    code: 'AUDIO_TOO_LARGE',
    message: `the WAV would have ${bytes} bytes, but its header holds lengths below 4 GiB.`,
    fix: 'Write it in parts, or with fewer bits.',
  });
}
