import type { Splitter } from '../pipeline/stages.js';
import { scriptFinder } from './scripts.js';
import { splitting } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/**
 * Pieces of one script (huggingface/tokenizers, pre_tokenizers/unicode_scripts; SentencePiece). Kana counts as Han; spaces and characters of
 * no script belong to the piece before them, and are lost before the first.
 */
export function unicodeScripts(): PreTokenizer {
  const scriptOf = scriptFinder();
  const split: Splitter = (text, emit) => {
    let start = -1;
    let last = -1;
    let at = 0;
    for (const character of text) {
      const script = character === ' ' ? -1 : scriptOf(character);
      if (script >= 0 && script !== last) {
        if (start >= 0) emit(start, at);
        start = at;
        last = script;
      }
      at += character.length;
    }
    if (start >= 0) emit(start, text.length);
  };
  return splitting(split);
}
