import type { IdBuffer } from './id-buffer.js';

/** The part of a tokenizer that turns one word (a piece between two splits) into ids. */
export interface Model {
  /**
   * Appends the ids of `text.slice(start, end)` to `out`. When `spans` is given, appends for each id the start and the end of its token in
   * `text`, in UTF-16 units; a token of some bytes of a character spans the whole character.
   */
  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void;
}
