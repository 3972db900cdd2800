import { byteCharacters, writeUtf8 } from '../bytes.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import type { Vocabulary } from '../vocabulary.js';
import { mergeSymbols } from './merge.js';
import type { PairTable } from './pair-table.js';

/** Words are few and repeat; both bounds keep a hostile text from filling memory. */
const cacheEntries = 32_768;
const cacheableLength = 64;

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
  readonly #cache = new Map<string, Int32Array>();
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

  encodeWord(word: string, out: IdBuffer): void {
    const cached = this.#cache.get(word);
    if (cached !== undefined) {
      if (cached.length === 1) out.push(cached[0]!);
      else out.pushAll(cached);
      return;
    }
    const length = this.#encode(word);
    const ids = this.#symbols.subarray(0, length);
    out.pushAll(ids);
    if (word.length > cacheableLength) return;
    if (this.#cache.size >= cacheEntries) this.#cache.clear();
    this.#cache.set(word, ids.slice());
  }

  #encode(word: string): number {
    if (word.length * 3 > this.#bytes.length) {
      this.#bytes = new Uint8Array(word.length * 4);
      this.#symbols = new Int32Array(word.length * 4);
    } else if (word.length <= cacheableLength && this.#bytes.length > 65_536) {
      // One enormous word must not hold its buffers for ever.
      this.#bytes = new Uint8Array(256);
      this.#symbols = new Int32Array(256);
    }
    const bytes = this.#bytes;
    const symbols = this.#symbols;
    const { ignoreMerges, vocabulary, unknownId, fuseUnknown, pairs } = this.#options;
    const count = writeUtf8(word, bytes);
    if (ignoreMerges) {
      let token = '';
      for (let i = 0; i < count; i++) token += byteCharacters[bytes[i]!]!;
      const id = vocabulary.id(token);
      if (id !== undefined) {
        symbols[0] = id;
        return 1;
      }
    }
    let length = 0;
    let previousUnknown = false;
    for (let i = 0; i < count; i++) {
      const id = (i === count - 1 ? this.#last : this.#middle)[bytes[i]!]!;
      if (id >= 0) symbols[length++] = id;
      else if (unknownId !== undefined && !(fuseUnknown && previousUnknown)) symbols[length++] = unknownId;
      previousUnknown = id < 0;
    }
    return mergeSymbols(symbols, length, pairs);
  }
}
