import { AudioError } from '../errors.js';
import { type AudioFormat, convertFirst, formatNames } from './format.js';
import { mp3Facts } from './mp3.js';
import { oggFacts } from './ogg.js';

/** What the header of a compressed file says, before anything is decoded. */
export interface SoundFacts {
  readonly codec: 'flac' | 'mp3' | 'vorbis' | 'opus';
  /** In hertz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of each channel, or the most that there can be; undefined where the header does not say. */
  readonly frames?: number | undefined;
  /** Of FLAC: the bits of a sample. */
  readonly bitDepth?: number;
  /** Whether the file ends before its sound does, where its structure shows it. */
  readonly cutShort: boolean;
}

/** Names that people know codecs by. */
export const codecNames: Readonly<Record<SoundFacts['codec'], string>> = { flac: 'FLAC', mp3: 'MP3', vorbis: 'Ogg Vorbis', opus: 'Opus' };

/**
 * The facts of a FLAC, MP3 or Ogg file.
 *
 * @throws AudioError `AUDIO_UNSUPPORTED_FORMAT` for another format or codec, `AUDIO_TRUNCATED` for less than a header, `AUDIO_DECODE` for a damaged one.
 */
export function soundFacts(bytes: Uint8Array, format: AudioFormat): SoundFacts {
  if (format === 'flac') return { ...flacFacts(bytes), cutShort: false };
  if (format === 'mp3') return mp3Facts(bytes);
  if (format === 'ogg') return oggFacts(bytes);
  throw unsupportedSound(formatNames[format], convertFirst(format));
}

/** STREAMINFO (RFC 9639, section 8.2). */
export function flacFacts(bytes: Uint8Array): Omit<SoundFacts, 'cutShort'> {
  if (bytes.length < 42) throw headerCut('FLAC');
  const [rateHigh, rateLow, mixed, depth] = bytes.subarray(18, 22) as Uint8Array & [number, number, number, number];
  const sampleRate = (rateHigh << 12) | (rateLow << 4) | (mixed >> 4);
  if ((bytes[4]! & 127) !== 0 || sampleRate === 0) throw damagedSound('FLAC', 'its header is malformed');
  const low = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(22);
  const frames = (depth & 15) * 2 ** 32 + low;
  const bitDepth = (((mixed & 1) << 4) | (depth >> 4)) + 1;
  return { codec: 'flac', sampleRate, channels: ((mixed >> 1) & 7) + 1, frames: frames || undefined, bitDepth };
}

/** @returns the error for a format or codec that nothing here decodes */
export function unsupportedSound(name: string, fix: string): AudioError {
  return new AudioError({
    code: 'AUDIO_UNSUPPORTED_FORMAT',
    message: `the file is ${name}, but WAV, FLAC, MP3, Ogg Vorbis or Opus was expected.`,
    fix,
  });
}

/** @returns the error for a file that ends inside its header */
export function headerCut(name: string): AudioError {
  return new AudioError({
    code: 'AUDIO_TRUNCATED',
    message: `the ${name} ends inside its header.`,
    fix: 'The file is cut short: copy or download it again.',
  });
}

/** @returns the error for a file whose content contradicts itself */
export function damagedSound(name: string, why: string, cause?: unknown): AudioError {
  return new AudioError({
    code: 'AUDIO_DECODE',
    message: `the ${name} cannot be decoded: ${why}.`,
    fix: 'The file is damaged: export it again, as WAV or FLAC.',
    cause,
  });
}
