import { describe, fileError, inputError } from '../errors.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import { PieceTrie } from '../unigram/piece-trie.js';
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

/** A token is looked for at every place of a word: one of a megabyte in a word of a megabyte would take hours. */
const longestToken = 1000;

/** WordPiece: always the longest token that the rest of the word begins with (Schuster and Nakajima 2012; google-research/bert). */
export class WordPieceModel implements Model {
  readonly #options: WordPieceOptions;
  readonly #trie = new PieceTrie();
  /** The node that the prefix leads to, where tokens that continue a word begin; -1 when there are none. */
  readonly #continued: number;

  constructor(options: WordPieceOptions) {
    this.#options = options;
    const { vocabulary, prefix, maximumLength } = options;
    for (const [token, id] of vocabulary.entries()) {
      // No word is as long.
      if (token.length > 2 * maximumLength + prefix.length) continue;
      if (token.length > longestToken + prefix.length)
        throw fileError(
          `the vocabulary has a token of ${token.length} units, but at most ${longestToken} are looked for.`,
          'Check model.vocab.',
        );
      this.#trie.add(token, id);
    }
    let node = 0;
    for (let i = 0; i < prefix.length && node >= 0; i++) {
      const handle = this.#trie.step(node, prefix.charCodeAt(i));
      node = handle < 0 ? -1 : this.#trie.node(handle);
    }
    this.#continued = node;
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    if (isLonger(text, start, end, this.#options.maximumLength)) {
      this.#unknown(text, start, end, out, spans);
      return;
    }
    const ids: number[] = [];
    const ends: number[] = [];
    for (let at = start, root = 0; at < end; root = this.#continued) {
      let id = -1;
      let stop = at;
      for (let node = root, i = at; i < end && node >= 0; ) {
        const handle = this.#trie.step(node, text.charCodeAt(i++));
        if (handle < 0) break;
        node = this.#trie.node(handle);
        const found = this.#trie.piece(handle);
        if (found < 0) continue;
        id = found;
        stop = i;
      }
      if (id < 0) {
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
