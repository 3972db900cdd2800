import { appendTokenBytes } from '../bytes.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Decoder, DecodeStage } from '../pipeline/decode-stages.js';
import { readPattern } from './pattern.js';
import { replaceMatches } from './replace.js';

/** A decoder that looks at one token at a time. */
export function decodeEach(rewrite: (token: string) => string): Decoder {
  return () => ({ push: (token, emit) => emit(rewrite(token)), flush() {} });
}

/** What huggingface/tokenizers does without a decoder. */
export const joinWithSpaces: Decoder = () => {
  let first = true;
  return {
    push(token, emit) {
      emit(first ? token : ` ${token}`);
      first = false;
    },
    flush() {
      first = true;
    },
  };
};

const ascii = /^[!-~Ġ]*$/;

/** Bytes of all tokens together, then UTF-8, bad bytes as U+FFFD: a character may be spread over several tokens. */
export const byteLevelDecoder: Decoder = Object.assign(makeByteLevelStage, { fuses: true });

function makeByteLevelStage(): DecodeStage {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  // Does the decoder hold the first bytes of a character?
  let open = false;
  return {
    push(token, emit) {
      if (!open && ascii.test(token)) {
        emit(token.replaceAll('Ġ', ' '));
        return;
      }
      const bytes: number[] = [];
      appendTokenBytes(token, bytes);
      emit(utf8.decode(Uint8Array.from(bytes), { stream: true }));
      open ||= bytes.some((byte) => byte >= 0x80);
    },
    flush(emit) {
      emit(utf8.decode());
      open = false;
    },
  };
}

/** The end-of-word suffix becomes a space, in the last token nothing. */
export function readBpeDecoder(json: JsonReader): Decoder {
  const suffix = json.field('suffix').string('</w>');
  return () => {
    let held: string | undefined;
    return {
      push(token, emit) {
        if (held !== undefined) emit(held.replaceAll(suffix, ' '));
        held = token;
      },
      flush(emit) {
        if (held !== undefined) emit(held.replaceAll(suffix, ''));
        held = undefined;
      },
    };
  };
}

export function readReplaceDecoder(json: JsonReader): Decoder {
  const pattern = readPattern(json.field('pattern'));
  const content = json.field('content').string();
  return decodeEach((token) => replaceMatches(token, pattern, content));
}
