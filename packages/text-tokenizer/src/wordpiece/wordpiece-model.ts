import { describe, inputError } from '../errors.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { Vocabulary } from '../vocabulary.js';

export interface WordPieceOptions {
  readonly vocabulary: Vocabulary;
  /** What a word becomes that no tokens make up; without it such a word is an error. */
  readonly unknownId: number | undefined;
  /** Written before tokens that continue a word. */
  readonly prefix: string;
  /** A longer word (in code points) is unknown. */
  readonly maximumLength: number;
}

/** WordPiece: always the longest token that the rest of the word begins with (Schuster and Nakajima 2012; google-research/bert). */
export class WordPieceModel implements Model {
  readonly #options: WordPieceOptions;
  /** In UTF-16 units, prefix not counted: bounds the search where a file allows words of any length. */
  readonly #longestToken: number;

  constructor(options: WordPieceOptions) {
    this.#options = options;
    let longest = 0;
    for (const [token] of options.vocabulary.entries()) longest = Math.max(longest, token.length);
    this.#longestToken = longest;
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const { vocabulary, prefix, maximumLength } = this.#options;
    if (isLonger(text, start, end, maximumLength)) {
      this.#unknown(text, start, end, out, spans);
      return;
    }
    const ids: number[] = [];
    const ends: number[] = [];
    for (let at = start; at < end; ) {
      let id: number | undefined;
      let stop = Math.min(end, at + this.#longestToken);
      for (; stop > at; stop--) {
        const part = text.slice(at, stop);
        id = vocabulary.id(at === start ? part : prefix + part);
        if (id !== undefined) break;
      }
      if (id === undefined) {
        this.#unknown(text, start, end, out, spans);
        return;
      }
      ids.push(id);
      ends.push(stop);
      at = stop;
    }
    out.pushAll(ids);
    if (spans === undefined) return;
    ends.forEach((stop, i) => {
      spans.push(i === 0 ? start : ends[i - 1]!);
      spans.push(stop);
    });
  }

  #unknown(text: string, start: number, end: number, out: IdBuffer, spans: IdBuffer | undefined): void {
    out.push(this.#options.unknownId ?? throwUnknown(text.slice(start, end)));
    spans?.push(start);
    spans?.push(end);
  }
}

/** For models without an unknown token, as the original raises. */
export function throwUnknown(word: string): never {
  throw inputError(
    `the word ${describe(word)} is not in the vocabulary, and there is no unknown token to stand for it.`,
    'Load a file whose model.unk_token is in its vocabulary.',
  );
}

/** Has the range more than `maximum` code points? */
function isLonger(text: string, start: number, end: number, maximum: number): boolean {
  if (end - start <= maximum) return false;
  let count = 0;
  for (let i = start; i < end && count <= maximum; i++) {
    if (text.codePointAt(i)! > 0xffff) i++;
    count++;
  }
  return count > maximum;
}
