import { writeUtf8 } from '../bytes.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Model } from '../model.js';
import { byteSpans } from './byte-spans.js';
import { CharacterStart } from './character-start.js';
import { hashBase } from './hash.js';
import { mergeSymbols } from './merge.js';
import type { TokenTable } from './token-table.js';
import { cacheableLength, WordCache } from './word-cache.js';

const { imul } = Math;

/** Byte-pair encoding by the ranks of byte strings, as tiktoken does it: a word that is a token is one; else the pair of lowest rank merges. */
export class RankedBpe implements Model {
  readonly #table: TokenTable;
  readonly #cache = new WordCache();
  /** The rank of each byte. */
  readonly #byteRanks = new Int32Array(256);
  /** Made for the first word that needs it. */
  #characters: CharacterStart | undefined;
  #bytes = new Uint8Array(256);
  #symbols = new Int32Array(256);

  /** The table must have a token for every byte. */
  constructor(table: TokenTable) {
    this.#table = table;
    for (let byte = 0; byte < 256; byte++) this.#byteRanks[byte] = table.findBytes(Uint8Array.of(byte), 1);
  }

  encodeWord(text: string, start: number, end: number, out: IdBuffer, spans?: IdBuffer): void {
    const first = out.length;
    this.#encodeWord(text, start, end, out);
    if (spans !== undefined) this.#trace(text, start, end, out, first, spans);
  }

  #encodeWord(text: string, start: number, end: number, out: IdBuffer): void {
    if (end - start > cacheableLength) {
      const count = this.#merge(text, start, end);
      out.pushRange(this.#symbols, 0, count);
      return;
    }
    let hash = 0;
    let units = 0;
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      units |= unit;
      hash = (imul(hash, hashBase) + unit) | 0;
    }
    if (units < 0x80) {
      // Most words of English are tokens; they need no cache.
      const rank = this.#table.findAscii(hash, text, start, end);
      if (rank >= 0) {
        out.push(rank);
        return;
      }
    }
    if (this.#cache.emit(hash, text, start, end, out)) return;
    const count = this.#merge(text, start, end);
    out.pushRange(this.#symbols, 0, count);
    this.#cache.add(hash, text, start, end, this.#symbols, count);
  }

  /** Leaves the ids of the word in `#symbols` and returns their number. */
  #merge(text: string, start: number, end: number): number {
    const length = end - start;
    if (length * 3 > this.#bytes.length || (length <= cacheableLength && this.#bytes.length > 65_536)) {
      // One enormous word must not hold its buffers for ever.
      const size = Math.max(256, length * 3);
      this.#bytes = new Uint8Array(size);
      this.#symbols = new Int32Array(size);
    }
    const bytes = this.#bytes;
    const symbols = this.#symbols;
    const count = writeUtf8(text, bytes, start, end);
    const whole = this.#table.findBytes(bytes, count);
    if (whole >= 0) {
      symbols[0] = whole;
      return 1;
    }
    if (count > length) {
      this.#characters ??= new CharacterStart(this.#table, this.#byteRanks);
      const filled = this.#characters.fill(text, start, end, symbols);
      if (filled >= 0) {
        const merged = mergeSymbols(symbols, filled, this.#characters);
        if (!this.#characters.uncertain) return merged;
      }
    }
    for (let i = 0; i < count; i++) symbols[i] = this.#byteRanks[bytes[i]!]!;
    return mergeSymbols(symbols, count, this.#table);
  }

  #trace(text: string, start: number, end: number, out: IdBuffer, first: number, spans: IdBuffer): void {
    const { starts, ends } = byteSpans(text, start, end);
    for (let i = first, at = 0; i < out.length; i++) {
      const next = at + this.#table.tokens.lengths[out.at(i)]!;
      spans.push(starts[at]!);
      spans.push(ends[next - 1]!);
      at = next;
    }
  }
}
