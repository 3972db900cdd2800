import { hashBase, hashBytes, mixHash } from './hash.js';
import type { MergeTable } from './merge.js';

const { imul } = Math;

/** Tokens in one place of the table: beyond that a file was made to be slow. */
const maximumProbes = 4096;

export interface TokenBytes {
  /** The bytes of all tokens, one after another. */
  readonly bytes: Uint8Array;
  /** Where each rank's token starts in `bytes`, and its length: 0 for a rank without a token. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** How many ranks have a token. */
  readonly count: number;
}

/**
 * A vocabulary of byte strings whose ids are their ranks, as tiktoken has it: two tokens merge when their bytes together are a token. There is no
 * list of merges; a pair is looked up by the hash of its bytes and compared with what it finds.
 */
export class TokenTable implements MergeTable {
  readonly tokens: TokenBytes;
  /** Hash and rank + 1. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #hashes: Int32Array;
  /** `hashBase` to the power of each length. */
  readonly #powers: Int32Array;
  /** The ranks of all pairs of bytes, or -1: half of all lookups are for these. */
  readonly #bytePairs = new Int32Array(0x10000).fill(-1);
  /** Two ranks of the same token, if any. */
  readonly duplicate: readonly [number, number] | undefined;
  /** Whether the table is as fast as it should be. */
  readonly crowded: boolean = false;

  constructor(tokens: TokenBytes) {
    const { bytes, starts, lengths, count } = tokens;
    this.tokens = tokens;
    let size = 16;
    while (size < count * 2) size *= 2;
    const slots = new Int32Array(size * 2);
    const hashes = new Int32Array(lengths.length);
    let longest = 0;
    for (let rank = 0; rank < lengths.length; rank++) {
      const length = lengths[rank]!;
      if (length === 0) continue;
      if (length > longest) longest = length;
      const start = starts[rank]!;
      const hash = hashBytes(bytes, start, start + length);
      hashes[rank] = hash;
      let slot = mixHash(hash) & (size - 1);
      for (let probes = 0; slots[2 * slot + 1] !== 0; slot = (slot + 1) & (size - 1)) {
        if (slots[2 * slot] === hash) {
          const other = slots[2 * slot + 1]! - 1;
          if (lengths[other] === length && equal(bytes, starts[other]!, start, length)) this.duplicate ??= [other, rank];
        }
        if (++probes > maximumProbes) {
          this.crowded = true;
          break;
        }
      }
      if (this.crowded) break;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = rank + 1;
      if (length === 2) this.#bytePairs[(bytes[start]! << 8) | bytes[start + 1]!] = rank;
    }
    this.#slots = slots;
    this.#mask = size - 1;
    this.#hashes = hashes;
    this.#powers = new Int32Array(longest + 1);
    for (let i = 0, power = 1; i <= longest; i++, power = imul(power, hashBase)) this.#powers[i] = power;
  }

  /** The rank of two tokens' bytes together, or -1. */
  find(left: number, right: number): number {
    const { bytes, starts, lengths } = this.tokens;
    const leftLength = lengths[left]!;
    const rightLength = lengths[right]!;
    const length = leftLength + rightLength;
    const leftStart = starts[left]!;
    const rightStart = starts[right]!;
    if (length === 2) return this.#bytePairs[(bytes[leftStart]! << 8) | bytes[rightStart]!]!;
    if (length >= this.#powers.length) return -1;
    const hash = (imul(this.#hashes[left]!, this.#powers[rightLength]!) + this.#hashes[right]!) | 0;
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = mixHash(hash) & mask; ; slot = (slot + 1) & mask) {
      const rank = slots[2 * slot + 1]! - 1;
      if (rank < 0) return -1;
      if (slots[2 * slot] !== hash || lengths[rank] !== length) continue;
      const start = starts[rank]!;
      if (equal(bytes, start, leftStart, leftLength) && equal(bytes, start + leftLength, rightStart, rightLength)) return rank;
    }
  }

  rank(handle: number): number {
    return handle;
  }

  merged(handle: number): number {
    return handle;
  }

  /** The rank of `word[0..length)`, or -1. */
  findBytes(word: Uint8Array, length: number): number {
    const { bytes, starts, lengths } = this.tokens;
    const hash = hashBytes(word, 0, length);
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = mixHash(hash) & mask; ; slot = (slot + 1) & mask) {
      const rank = slots[2 * slot + 1]! - 1;
      if (rank < 0) return -1;
      if (slots[2 * slot] !== hash || lengths[rank] !== length) continue;
      const start = starts[rank]!;
      let i = 0;
      while (i < length && bytes[start + i] === word[i]) i++;
      if (i === length) return rank;
    }
  }

  /** The rank of `text.slice(start, end)`, which is ASCII and whose hash is known; or -1. */
  findAscii(hash: number, text: string, start: number, end: number): number {
    const { bytes, starts, lengths } = this.tokens;
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = mixHash(hash) & mask; ; slot = (slot + 1) & mask) {
      const rank = slots[2 * slot + 1]! - 1;
      if (rank < 0) return -1;
      if (slots[2 * slot] !== hash || lengths[rank] !== end - start) continue;
      let at = starts[rank]!;
      let i = start;
      while (i < end && bytes[at] === text.charCodeAt(i)) {
        at++;
        i++;
      }
      if (i === end) return rank;
    }
  }
}

function equal(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
