import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { AudioError } from '../errors.js';
import { codecNames, type SoundFacts } from '../sniff/facts.js';

/** A decoder's module and the class of it that decodes. */
export interface Decoder {
  readonly url: string;
  readonly className: string;
}

interface Resolver {
  resolve(name: string): string;
}

const decoders: Readonly<Record<SoundFacts['codec'], readonly [name: string, className: string, find: (require: Resolver) => string]>> = {
  flac: ['@wasm-audio-decoders/flac', 'FLACDecoder', (require) => require.resolve('@wasm-audio-decoders/flac')],
  mp3: ['mpg123-decoder', 'MPEGDecoder', (require) => require.resolve('mpg123-decoder')],
  vorbis: ['@wasm-audio-decoders/ogg-vorbis', 'OggVorbisDecoder', (require) => require.resolve('@wasm-audio-decoders/ogg-vorbis')],
  opus: ['ogg-opus-decoder', 'OggOpusDecoder', (require) => require.resolve('ogg-opus-decoder')],
};

/** Finds the decoder of a codec, an optional peer. @throws AudioError `AUDIO_DECODER_MISSING`, which says what to install. */
export function findDecoder(codec: SoundFacts['codec'], require: Resolver = createRequire(import.meta.url)): Decoder {
  const [name, className, find] = decoders[codec];
  try {
    return { url: pathToFileURL(find(require)).href, className };
  } catch (cause) {
    throw new AudioError({
      code: 'AUDIO_DECODER_MISSING',
      message: `decoding ${codecNames[codec]} needs the package ${name}, which could not be found.`,
      fix: `Run: npm install ${name}`,
      cause,
    });
  }
}

/**
 * What is fed to a decoder behind a file. Their parser (codec-parser 2.5) gives a frame or page once it sees more than that; what it holds at
 * the end it may lose, so that flushing is not relied upon: a FLAC frame needs the head of another, which begins like the first one.
 */
export function tailOf(bytes: Uint8Array, codec: SoundFacts['codec']): Uint8Array {
  const tail = new Uint8Array(codec === 'mp3' ? 0 : 1024);
  if (codec !== 'flac' || bytes[0] !== 0x66) return tail;
  let at = 4;
  // Blocks of metadata (RFC 9639, section 8.1): a mark on the last, and 24 bits of length.
  for (let last = false; !last && at + 4 <= bytes.length; ) {
    last = bytes[at]! >= 128;
    at += 4 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  tail.set(bytes.subarray(at, at + 16));
  return tail;
}
