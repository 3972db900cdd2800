import { AudioError } from '../errors.js';

/** How samples are written: PCM of 8 bits is unsigned, all other PCM is signed. */
export type WavEncoding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64' | 'alaw' | 'mulaw';

/** What a format chunk says. */
export interface WavFormat {
  readonly encoding: WavEncoding;
  readonly littleEndian: boolean;
  readonly channels: number;
  /** In hertz. */
  readonly sampleRate: number;
  /** Those that carry sound: 20 of a `pcm24` sample, say. */
  readonly bitsPerSample: number;
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  /** Which loudspeakers the channels are for, where the file says so. */
  readonly channelMask?: number;
}

/** Those of the format chunk that are read; what follows belongs to codecs that are not. */
export const FORMAT_BYTES = 40;

/** As libsndfile: more are no recording. */
const MAX_CHANNELS = 1024;

const EXTENSIBLE = 0xfffe;
/** All of a sub-format's GUID but its first two bytes, which are the tag: Microsoft's, and that of ambisonic B-format. */
const GUID_TAILS = ['000000001000800000aa00389b71', '00002107d3118644c8c1ca000000'];

const codecs: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  69: 'G.726 ADPCM',
  80: 'MPEG audio',
  85: 'MP3',
  255: 'AAC',
};

/**
 * Reads a format chunk: WAVEFORMATEX and WAVEFORMATEXTENSIBLE (Microsoft, mmreg.h).
 *
 * @throws AudioError `AUDIO_UNSUPPORTED_FORMAT` for a codec, `AUDIO_DECODE` where it contradicts itself.
 */
export function parseFormat(chunk: Uint8Array, littleEndian: boolean): WavFormat {
  if (chunk.length < 16) throw malformed(`its format chunk has ${chunk.length} bytes instead of 16 or more`);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const u16 = (at: number) => view.getUint16(at, littleEndian);
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  const [channels, sampleRate, frameBytes, bits] = [u16(2), u32(4), u16(12), u16(14)];
  let tag = u16(0);
  let extension: { bitsPerSample: number; channelMask: number } | undefined;
  if (tag === EXTENSIBLE) {
    if (chunk.length < 40) throw malformed(`its extensible format chunk has ${chunk.length} bytes instead of 40`);
    const guid = Array.from(chunk.subarray(26, 40), (byte) => byte.toString(16).padStart(2, '0')).join('');
    tag = u16(24);
    if (!GUID_TAILS.includes(guid)) throw unsupported(`an unknown sub-format (GUID tail ${guid})`);
    // No bits at all mean that all of them count.
    extension = { bitsPerSample: u16(18) || bits, channelMask: u32(20) };
  }
  if (channels < 1 || channels > MAX_CHANNELS) throw malformed(`it has ${channels} channels instead of 1 to ${MAX_CHANNELS}`);
  if (sampleRate === 0) throw malformed('its sample rate is 0 Hz');
  const encoding = encodingOf(tag, bits, frameBytes / channels, channels);
  const bitsPerSample = extension?.bitsPerSample ?? bits;
  if (bitsPerSample > (frameBytes / channels) * 8) {
    throw malformed(`it has ${bitsPerSample} valid bits in samples of ${frameBytes / channels} bytes`);
  }
  const format = { encoding, littleEndian, channels, sampleRate, frameBytes, bitsPerSample: bitsPerSample || 8 };
  return extension?.channelMask ? { ...format, channelMask: extension.channelMask } : format;
}

/** The width of a sample is that of its container: narrower samples stand in its upper bits. */
function encodingOf(tag: number, bits: number, bytes: number, channels: number): WavEncoding {
  const known = tag === 1 || tag === 3 || tag === 6 || tag === 7;
  if (!known) throw unsupported(codecs[tag] ?? `codec 0x${tag.toString(16).padStart(4, '0')}`);
  const laws = tag === 6 || tag === 7;
  const least = laws ? 1 : Math.ceil(bits / 8);
  if (bytes < least || !Number.isInteger(bytes) || (!laws && bits === 0)) {
    throw malformed(`${channels} channel(s) of ${bits} bits do not fit frames of ${bytes * channels} bytes`);
  }
  if (laws && bytes === 1) return tag === 6 ? 'alaw' : 'mulaw';
  if (tag === 1 && bytes === 1) return 'pcm8';
  if (tag === 1 && bytes === 2) return 'pcm16';
  if (tag === 1 && bytes === 3) return 'pcm24';
  if (tag === 1 && bytes === 4) return 'pcm32';
  if (tag === 3 && bits === 32 && bytes === 4) return 'float32';
  if (tag === 3 && bits === 64 && bytes === 8) return 'float64';
  throw unsupported(`${['', 'PCM', '', 'float', '', '', 'A-law', 'µ-law'][tag]} of ${bits} bits in ${bytes} bytes`);
}

/** @returns the error for a WAV whose header contradicts itself */
export function malformed(what: string): AudioError {
  return new AudioError({
    code: 'AUDIO_DECODE',
    message: `the WAV header is malformed: ${what}.`,
    fix: 'The file is damaged: export it again.',
  });
}

function unsupported(what: string): AudioError {
  return new AudioError({
    code: 'AUDIO_UNSUPPORTED_FORMAT',
    message: `the WAV holds ${what}, but PCM of 8 to 32 bits, float of 32 or 64 bits, A-law or µ-law was expected.`,
    fix: 'Convert it first: ffmpeg -i in.wav -c:a pcm_s16le out.wav',
  });
}
