import { byteCharacters, writeUtf8 } from '../bytes.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { Vocabulary } from '../vocabulary.js';
import { byteSpans } from './byte-spans.js';
import { hashUnits } from './hash.js';
import { mergeSymbols } from './merge.js';
import type { PairTable } from './pair-table.js';
import { cacheableLength, WordCache } from './word-cache.js';

export interface ByteLevelBpeOptions {
  readonly vocabulary: Vocabulary;
  readonly pairs: PairTable;
  /** Appended to the last byte's character, such as CLIP's `</w>`. */
  readonly endOfWordSuffix?: string;
  /** Stands for a byte that the vocabulary lacks; without it such bytes are dropped, as in the original. */
  readonly unknownId?: number;
  /** Several unknown bytes in a row become one unknown token. */
  readonly fuseUnknown?: boolean;
  /** A word that is a token as a whole is not taken apart (tiktoken, Llama 3). */
  readonly ignoreMerges?: boolean;
}

/** Byte-pair encoding over the UTF-8 bytes of words (Radford et al. 2019; huggingface/tokenizers models/bpe). */
export class ByteLevelBpe implements Model {
  readonly #options: ByteLevelBpeOptions;
  /** The id of each byte, in the middle and at the end of a word; -1 when absent. */
  readonly #middle = new Int32Array(256);
  readonly #last = new Int32Array(256);
  readonly #cache = new WordCache();
  #bytes = new Uint8Array(256);
  #symbols = new Int32Array(256);

  constructor(options: ByteLevelBpeOptions) {
    this.#options = options;
    const suffix = options.endOfWordSuffix ?? '';
    for (let byte = 0; byte < 256; byte++) {
      const character = byteCharacters[byte]!;
      this.#middle[byte] = options.vocabulary.id(character) ?? -1;
      this.#last[byte] = options.vocabulary.id(character + suffix) ?? -1;
    }
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const first = out.length;
    if (end - start > cacheableLength) {
      const count = this.#encode(text, start, end);
      out.pushRange(this.#symbols, 0, count);
    } else {
      const hash = hashUnits(text, start, end);
      if (!this.#cache.emit(hash, text, start, end, out)) {
        const count = this.#encode(text, start, end);
        out.pushRange(this.#symbols, 0, count);
        this.#cache.add(hash, text, start, end, this.#symbols, count);
      }
    }
    if (spans !== undefined) this.#trace(text, start, end, out, first, spans);
  }

  /** Leaves the ids of the word in `#symbols` and returns their number. */
  #encode(text: string, start: number, end: number): number {
    const length = end - start;
    if (length * 3 > this.#bytes.length) {
      this.#bytes = new Uint8Array(length * 4);
      this.#symbols = new Int32Array(length * 4);
    } else if (length <= cacheableLength && this.#bytes.length > 65_536) {
      // One enormous word must not hold its buffers for ever.
      this.#bytes = new Uint8Array(256);
      this.#symbols = new Int32Array(256);
    }
    const symbols = this.#symbols;
    const bytes = this.#bytes;
    const count = writeUtf8(text, bytes, start, end);
    const { ignoreMerges, vocabulary, unknownId, fuseUnknown, pairs } = this.#options;
    if (ignoreMerges) {
      let token = '';
      for (let i = 0; i < count; i++) token += byteCharacters[bytes[i]!]!;
      const id = vocabulary.id(token);
      if (id !== undefined) {
        symbols[0] = id;
        return 1;
      }
    }
    let symbolCount = 0;
    let previousUnknown = false;
    for (let i = 0; i < count; i++) {
      const id = (i === count - 1 ? this.#last : this.#middle)[bytes[i]!]!;
      if (id >= 0) symbols[symbolCount++] = id;
      else if (unknownId !== undefined && !(fuseUnknown && previousUnknown)) symbols[symbolCount++] = unknownId;
      previousUnknown = id < 0;
    }
    return mergeSymbols(symbols, symbolCount, pairs);
  }

  /**
   * The spans of the ids from `first` on. As in the original, tokens follow each other without gaps: where bytes were dropped, what comes
   * after them moves to the left.
   */
  #trace(text: string, start: number, end: number, out: IdBuffer, first: number, spans: IdBuffer): void {
    const { vocabulary, unknownId, endOfWordSuffix = '' } = this.#options;
    const { starts, ends } = byteSpans(text, start, end);
    const unknown = this.#unknownLengths(text, start, end);
    for (let i = first, at = 0, unknowns = 0; i < out.length; i++) {
      const id = out.at(i);
      const token = vocabulary.token(id)!;
      const suffix = i === out.length - 1 && token.endsWith(endOfWordSuffix) ? endOfWordSuffix.length : 0;
      const next = at + ((id === unknownId ? unknown[unknowns++] : undefined) ?? token.length - suffix);
      spans.push(starts[at]!);
      spans.push(ends[next - 1]!);
      at = next;
    }
  }

  /** How many bytes each unknown token stands for. */
  #unknownLengths(text: string, start: number, end: number): number[] {
    const { unknownId, fuseUnknown } = this.#options;
    const lengths: number[] = [];
    if (unknownId === undefined) return lengths;
    const bytes = new Uint8Array((end - start) * 3);
    const count = writeUtf8(text, bytes, start, end);
    let previousUnknown = false;
    for (let i = 0; i < count; i++) {
      const isUnknown = (i === count - 1 ? this.#last : this.#middle)[bytes[i]!]! < 0;
      if (isUnknown && fuseUnknown && previousUnknown) lengths.push(lengths.pop()! + 1);
      else if (isUnknown) lengths.push(1);
      previousUnknown = isUnknown;
    }
    return lengths;
  }
}
