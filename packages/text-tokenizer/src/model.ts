import type { IdBuffer } from './id-buffer.js';

/** The part of a tokenizer that turns one word (a piece between two splits) into ids. */
export interface Model {
  /** Appends the ids of `word` to `out`. */
  encodeWord(word: string, out: IdBuffer): void;
}
