import { characterLength } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import { CharacterMap } from '../sentencepiece/character-map.js';
import { alignReplacements, type Replacement } from './align-replacements.js';
import { eachCluster } from './grapheme-clusters.js';

/** Grapheme clusters of fewer bytes than this are looked up whole. */
const shortCluster = 6;

/**
 * SentencePiece's rules as huggingface/tokenizers applies them (normalizers/precompiled.rs, spm_precompiled): where the shortest rule for the
 * beginning of a short grapheme cluster is found, it replaces the whole cluster; else characters are looked up one by one. SentencePiece
 * itself takes the longest rule at each place ({@link CharacterMap.longest}).
 */
export function readPrecompiled(json: JsonReader): Rewriter {
  const field = json.field('precompiled_charsmap');
  const map = new CharacterMap(fromBase64(field), (message) => field.error(message));
  const replacements = (text: string, emit: (start: number, end: number, content: string) => void) =>
    eachCluster(text, (start, end) => {
      if (end - start > 1 && utf8Length(text, start, end) < shortCluster) {
        const whole = map.shortest(text, start, end);
        if (whole !== undefined) {
          emit(start, end, whole);
          return;
        }
      }
      for (let i = start; i < end; ) {
        const next = i + characterLength(text, i);
        const content = map.shortest(text, i, next);
        if (content !== undefined) emit(i, next, content);
        i = next;
      }
    });
  return {
    apply(text) {
      let out = '';
      let done = 0;
      replacements(text, (start, end, content) => {
        out += text.slice(done, start) + content;
        done = end;
      });
      return done === 0 ? text : out + text.slice(done);
    },
    trace(text) {
      const found: Replacement[] = [];
      replacements(text.text, (start, end, content) => found.push({ start, end, content }));
      return found.length === 0 ? text : alignReplacements(text, found);
    },
  };
}

function fromBase64(json: JsonReader): Uint8Array {
  try {
    return Uint8Array.from(atob(json.string()), (character) => character.charCodeAt(0));
  } catch (error) {
    // What JsonReader throws is better than anything to be said here.
    if (typeof json.value !== 'string') throw error;
    throw json.error('is not base64.');
  }
}

function utf8Length(text: string, start: number, end: number): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    // Each half of a surrogate pair is half of four bytes.
    length += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return length;
}
