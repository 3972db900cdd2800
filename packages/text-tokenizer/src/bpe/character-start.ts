import { writeUtf8 } from '../bytes.js';
import { type MergeTable, mergeSymbols, never } from './merge.js';
import type { TokenTable } from './token-table.js';

/**
 * Lets merging start from whole characters instead of bytes, three times fewer in most scripts, where that gives the same tokens.
 *
 * It does when (1) no token that holds only some bytes of a character and bytes beyond it can occur in the word, so that merges cross no border
 * but between whole characters, and (2) every pair of tokens that is found comes after all merges inside of the characters in it: then doing
 * those first changes no later choice. Published vocabularies hold few tokens that break this; a word where one could matter merges its bytes.
 */
export class CharacterStart implements MergeTable {
  readonly #table: TokenTable;
  readonly #byteRanks: Int32Array;
  /** By UTF-16 unit: the rank of its character + 1, 0 when not known yet, or below 0: -1 for surrogates, -2 - an index into `#parts`. */
  readonly #characters = new Int32Array(0x10000);
  /** What is left of characters that are no token. */
  readonly #parts: Int32Array[] = [];
  /** The last rank that the bytes of a character, which is the token of this rank, need to merge. */
  readonly #complete = new Map<number, number>();
  /** Whether the bytes on both sides of a border occur in a token of condition (1); `#borders` knows what follows them. */
  readonly #suspects = new Uint8Array(0x10000);
  readonly #borders = new Set<number>();
  /** Condition (2) of each token: 0 when not known yet, 1 when it holds, 2 when not. */
  readonly #order: Uint8Array;
  readonly #bytes = new Uint8Array(3);
  /** A pair was found for which condition (2) does not hold. */
  uncertain = false;

  constructor(table: TokenTable, byteRanks: Int32Array) {
    this.#table = table;
    this.#byteRanks = byteRanks;
    const { bytes, starts, lengths } = table.tokens;
    this.#order = new Uint8Array(lengths.length);
    for (let rank = 0; rank < lengths.length; rank++) {
      const length = lengths[rank]!;
      if (length < 2) continue;
      const start = starts[rank]!;
      const end = start + length;
      let border = start;
      if (isContinuation(bytes[start]!)) while (border < end && isContinuation(bytes[border]!)) border++;
      else border = cutCharacter(bytes, start, end);
      if (border > start && border < end)
        this.#suspect(bytes[border - 1]!, bytes[border]!, border + 1 < end ? bytes[border + 1]! : undefined);
    }
  }

  #suspect(before: number, after: number, second: number | undefined): void {
    const key = (before << 8) | after;
    this.#suspects[key] = 1;
    this.#borders.add((key << 8) | (second !== undefined && isContinuation(second) ? second : 0));
  }

  /** Writes the tokens of the characters of a word and returns their number, or -1 when (1) does not hold. */
  fill(text: string, start: number, end: number, symbols: Int32Array): number {
    const characters = this.#characters;
    const suspects = this.#suspects;
    this.uncertain = false;
    let count = 0;
    let last = -1;
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      const known = characters[unit]! || this.#character(text, i, unit);
      if (known > 0) symbols[count++] = known - 1;
      else if (known === -1) return -1;
      else {
        const parts = this.#parts[-2 - known]!;
        for (let part = 0; part < parts.length; part++) symbols[count++] = parts[part]!;
      }
      const border = (last << 8) | (unit < 0x80 ? unit : unit < 0x800 ? 0xc0 | (unit >> 6) : 0xe0 | (unit >> 12));
      if (last >= 0 && suspects[border] !== 0) {
        const second = unit < 0x800 ? 0x80 | (unit & 63) : 0x80 | ((unit >> 6) & 63);
        if (this.#borders.has(border << 8) || (unit >= 0x80 && this.#borders.has((border << 8) | second))) return -1;
      }
      last = unit < 0x80 ? unit : 0x80 | (unit & 63);
    }
    return count;
  }

  find(left: number, right: number): number {
    const rank = this.#table.find(left, right);
    if (rank !== never && !this.#inOrder(rank)) this.uncertain = true;
    return rank;
  }

  merged(rank: number): number {
    return rank;
  }

  /** Learns what character a unit is: what `#characters` holds. */
  #character(text: string, at: number, unit: number): number {
    let known = -1;
    if (unit < 0xd800 || unit >= 0xe000) {
      const count = writeUtf8(text, this.#bytes, at, at + 1);
      const symbols = Int32Array.from(this.#bytes.subarray(0, count), (byte) => this.#byteRanks[byte]!);
      let last = -1;
      const watched: MergeTable = {
        find: (left, right) => this.#table.find(left, right),
        merged(rank) {
          last = Math.max(last, rank);
          return rank;
        },
      };
      const parts = mergeSymbols(symbols, count, watched);
      if (parts === 1) {
        known = symbols[0]! + 1;
        this.#complete.set(symbols[0]!, last);
      } else known = -1 - this.#parts.push(symbols.slice(0, parts));
    }
    this.#characters[unit] = known;
    return known;
  }

  #inOrder(rank: number): boolean {
    const known = this.#order[rank];
    if (known !== 0) return known === 1;
    const { bytes, starts, lengths } = this.#table.tokens;
    const start = starts[rank]!;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, start + lengths[rank]!));
    let holds = true;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const character = (this.#characters[unit]! || this.#character(text, i, unit)) - 1;
      // A pair of parts that stay parts was never to be found; see (1).
      if (character < 0 || this.#complete.get(character)! >= rank) holds = false;
    }
    this.#order[rank] = holds ? 1 : 2;
    return holds;
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Where the last character starts when its end is missing; `end` when it is whole. */
function cutCharacter(bytes: Uint8Array, start: number, end: number): number {
  let lead = end - 1;
  while (lead > start && isContinuation(bytes[lead]!)) lead--;
  const byte = bytes[lead]!;
  const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  return lead + length > end ? lead : end;
}
