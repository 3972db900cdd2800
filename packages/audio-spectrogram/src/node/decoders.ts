import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { AudioError } from '../errors.js';
import { codecNames, type SoundFacts } from '../sniff/facts.js';

/** A decoder's module and the class of it that decodes. */
export interface Decoder {
  readonly url: string;
  readonly className: string;
}

type Resolve = (name: string) => string;

const decoders: Readonly<Record<SoundFacts['codec'], readonly [name: string, className: string, find: (resolve: Resolve) => string]>> = {
  flac: ['@wasm-audio-decoders/flac', 'FLACDecoder', (resolve) => resolve('@wasm-audio-decoders/flac')],
  mp3: ['mpg123-decoder', 'MPEGDecoder', (resolve) => resolve('mpg123-decoder')],
  vorbis: ['@wasm-audio-decoders/ogg-vorbis', 'OggVorbisDecoder', (resolve) => resolve('@wasm-audio-decoders/ogg-vorbis')],
  opus: ['ogg-opus-decoder', 'OggOpusDecoder', (resolve) => resolve('ogg-opus-decoder')],
};

/** Finds the decoder of a codec, an optional peer. @throws AudioError `AUDIO_DECODER_MISSING`, which says what to install. */
export function findDecoder(codec: SoundFacts['codec'], resolve: Resolve = createRequire(import.meta.url).resolve): Decoder {
  const [name, className, find] = decoders[codec];
  try {
    return { url: pathToFileURL(find(resolve)).href, className };
  } catch (cause) {
    throw new AudioError({
      code: 'AUDIO_DECODER_MISSING',
      message: `decoding ${codecNames[codec]} needs the package ${name}, which could not be found.`,
      fix: `Run: npm install ${name}`,
      cause,
    });
  }
}
