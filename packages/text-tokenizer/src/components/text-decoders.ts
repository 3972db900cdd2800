import type { JsonReader } from '../json/json-reader.js';
import type { Decoder } from '../pipeline/decode-stages.js';
import { readPattern } from './pattern.js';
import { translateRegex } from './regex.js';
import { replaceMatches } from './replace.js';

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
  const pattern = readPattern(json.field('pattern'), translateRegex);
  const content = json.field('content').insertion();
  return () => ({ push: (token, emit) => emit(replaceMatches(token, pattern, content)), flush() {} });
}
