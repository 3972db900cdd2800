import { writeUtf8 } from '../bytes.js';
import { inputError } from '../errors.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import { byteToken } from '../unigram/byte-tokens.js';
import { wellFormed } from '../unigram/well-formed.js';
import type { Vocabulary } from '../vocabulary.js';
import { byteSpans } from './byte-spans.js';
import type { CharacterCuts } from './character-bpe-cuts.js';
import { hashUnits } from './hash.js';
import { mergeSymbols } from './merge.js';
import type { PairTable } from './pair-table.js';
import { cacheableLength, WordCache } from './word-cache.js';

export interface CharacterBpeOptions {
  readonly vocabulary: Vocabulary;
  readonly pairs: PairTable;
  /** Where a word may be cut without changing what it becomes; undefined where it may not. */
  readonly cuts: CharacterCuts | undefined;
  /** Put before every character but the first of a word, after the last one. */
  readonly prefix: string;
  readonly suffix: string;
  /** Stands for a character that the vocabulary lacks; without it such characters are dropped, as in the original. */
  readonly unknownId: number | undefined;
  readonly fuseUnknown: boolean;
  /** A character that the vocabulary lacks becomes its UTF-8 bytes (`<0xE4>`), where it has all of them. */
  readonly byteFallback: boolean;
  /** A word that is a token as a whole is not taken apart. */
  readonly ignoreMerges: boolean;
}

/** 2 GB, which a word of a hundred megabytes needs. */
const maximumSymbols = 2 ** 29;
/** Not looked up yet; -1 is what the vocabulary lacks. */
const unasked = -2;

/** Byte-pair encoding over the characters of words (Sennrich et al. 2016; huggingface/tokenizers models/bpe), as Llama 2, Mistral, Gemma have it. */
export class CharacterBpe implements Model {
  readonly #options: CharacterBpeOptions;
  /** The ids of the characters of the Basic Multilingual Plane without prefix and suffix. */
  readonly #ids = new Int32Array(0x10000).fill(unasked);
  readonly #byteIds: Int32Array;
  readonly #cache = new WordCache();
  #symbols = new Int32Array(256);
  /** How many bytes of the word each symbol stands for; only while tracing. */
  #lengths: number[] | undefined;

  constructor(options: CharacterBpeOptions) {
    this.#options = options;
    this.#byteIds = Int32Array.from({ length: 256 }, (_, byte) =>
      options.byteFallback ? (options.vocabulary.id(byteToken(byte)) ?? -1) : -1,
    );
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const { ignoreMerges, vocabulary, cuts } = this.#options;
    if (ignoreMerges) {
      const id = vocabulary.id(text.slice(start, end));
      if (id !== undefined) {
        out.push(id);
        spans?.push(start);
        spans?.push(end);
        return;
      }
    }
    for (let from = start; from < end; ) {
      const to = cuts === undefined ? end : cuts.next(text, from, end);
      if (spans === undefined) this.#encodeCached(text, from, to, out);
      else this.#trace(text, from, to, out, spans);
      from = to;
    }
  }

  #encodeCached(text: string, start: number, end: number, out: IdBuffer): void {
    const cacheable = end - start <= cacheableLength;
    const hash = cacheable ? hashUnits(text, start, end) : 0;
    if (cacheable && this.#cache.emit(hash, text, start, end, out)) return;
    const spelled = this.#spell(text, start, end);
    const count = mergeSymbols(this.#symbols, spelled, this.#options.pairs);
    out.pushRange(this.#symbols, 0, count);
    if (cacheable) this.#cache.add(hash, text, start, end, this.#symbols, count);
  }

  /** Leaves the symbols that merging starts from in `#symbols` and returns their number. */
  #spell(text: string, start: number, end: number): number {
    const { prefix, suffix, unknownId, fuseUnknown, byteFallback } = this.#options;
    // A character has at most three bytes for each of its units; its prefix and the suffix may be spelled in bytes, too.
    const room = byteFallback ? ((end - start) * (1 + prefix.length) + suffix.length) * 3 : end - start + 1;
    if (room > maximumSymbols)
      throw inputError(
        `a word of ${end - start} units could become ${room} tokens, but at most ${maximumSymbols} are made.`,
        'Split the text.',
      );
    if (room > this.#symbols.length || (this.#symbols.length > 65_536 && room < 65_536))
      this.#symbols = new Int32Array(Math.max(256, room));
    const symbols = this.#symbols;
    const lengths = this.#lengths;
    const plain = prefix === '' && suffix === '';
    let count = 0;
    // Bytes of the unknown token that waits to be written; as in the original, byte tokens go before it.
    let unknown = 0;
    const push = (id: number, length: number) => {
      symbols[count++] = id;
      lengths?.push(length);
    };
    for (let i = start; i < end; ) {
      const unit = text.charCodeAt(i);
      const pair = (unit & 0xfc00) === 0xd800 && i + 1 < end && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
      const next = pair ? i + 2 : i + 1;
      const id = plain && !pair ? this.#idOfUnit(unit) : this.#idOf(text, i, next, i === start, next === end);
      const length = pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
      const fallback = id < 0 && this.#spellBytes(text, i, next, i === start, next === end, push);
      i = next;
      if (fallback) continue;
      if (unknown > 0 && (id >= 0 || !fuseUnknown)) {
        push(unknownId!, unknown);
        unknown = 0;
      }
      if (id >= 0) push(id, length);
      else if (unknownId !== undefined) unknown += length;
    }
    if (unknown > 0) push(unknownId!, unknown);
    return count;
  }

  #idOfUnit(unit: number): number {
    let id = this.#ids[unit]!;
    if (id === unasked) {
      id = this.#options.vocabulary.id(wellFormed(String.fromCharCode(unit))) ?? -1;
      this.#ids[unit] = id;
    }
    return id;
  }

  #idOf(text: string, start: number, end: number, first: boolean, last: boolean): number {
    return this.#options.vocabulary.id(this.#decorated(text, start, end, first, last)) ?? -1;
  }

  #decorated(text: string, start: number, end: number, first: boolean, last: boolean): string {
    const { prefix, suffix } = this.#options;
    return (first ? '' : prefix) + wellFormed(text.slice(start, end)) + (last ? suffix : '');
  }

  #spellBytes(
    text: string,
    start: number,
    end: number,
    first: boolean,
    last: boolean,
    push: (id: number, length: number) => void,
  ): boolean {
    if (!this.#options.byteFallback) return false;
    const spelling = this.#decorated(text, start, end, first, last);
    const bytes = new Uint8Array(spelling.length * 3);
    const count = writeUtf8(spelling, bytes);
    for (let i = 0; i < count; i++) if (this.#byteIds[bytes[i]!]! < 0) return false;
    for (let i = 0; i < count; i++) push(this.#byteIds[bytes[i]!]!, 1);
    return true;
  }

  /**
   * Merges and tells the spans. A token's spelling is its symbols' spellings joined, but for prefixes, so that their lengths tell which symbols
   * it was made of. As in the original, tokens follow each other without gaps: where characters were dropped, what comes after them moves to
   * the left.
   */
  #trace(text: string, start: number, end: number, out: IdBuffer, spans: IdBuffer): void {
    const { vocabulary, pairs, prefix } = this.#options;
    const lengths: number[] = [];
    this.#lengths = lengths;
    const count = this.#spell(text, start, end);
    this.#lengths = undefined;
    const spelled = this.#symbols.slice(0, count);
    const merged = mergeSymbols(this.#symbols, count, pairs);
    const { starts, ends } = byteSpans(text, start, end);
    const size = (id: number) => vocabulary.token(id)!.length;
    for (let i = 0, symbol = 0, at = 0; i < merged; i++) {
      const id = this.#symbols[i]!;
      let next = at + lengths[symbol]!;
      let have = size(spelled[symbol++]!);
      while (have < size(id) && symbol < count) {
        next += lengths[symbol]!;
        have += size(spelled[symbol++]!) - prefix.length;
      }
      out.push(id);
      spans.push(starts[Math.min(at, starts.length - 1)]!);
      spans.push(ends[Math.min(next, ends.length) - 1]!);
      at = next;
    }
  }
}
