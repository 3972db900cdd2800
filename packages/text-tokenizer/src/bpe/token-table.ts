import { hashBase, hashBytes, mixHash } from './hash.js';
import { type MergeTable, never } from './merge.js';

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
  /** Eight bits of the hash of what is in a slot, or 0: small enough to stay in the processor's cache, and most lookups find nothing. */
  readonly #tags: Uint8Array;
  /** The rank in each slot. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #hashes: Int32Array;
  /** `hashBase` to the power of each length. */
  readonly #powers: Int32Array;
  /** The ranks of all pairs of bytes, or `never`: half of all lookups are for these. */
  readonly #bytePairs = new Int32Array(0x10000).fill(never);
  /** Two ranks of the same token, if any. */
  readonly duplicate: readonly [number, number] | undefined;
  /** Whether many tokens fall into one place, as they only do on purpose. */
  readonly crowded: boolean = false;

  constructor(tokens: TokenBytes) {
    const { bytes, starts, lengths, count } = tokens;
    this.tokens = tokens;
    let size = 16;
    while (size < count * 2) size *= 2;
    const mask = size - 1;
    const tags = new Uint8Array(size);
    const slots = new Int32Array(size);
    const hashes = new Int32Array(lengths.length);
    let longest = 0;
    for (let rank = 0; rank < lengths.length && !this.crowded; rank++) {
      const length = lengths[rank]!;
      if (length === 0) continue;
      if (length > longest) longest = length;
      const start = starts[rank]!;
      const hash = hashBytes(bytes, start, start + length);
      const mixed = mixHash(hash);
      const tag = tagOf(mixed);
      let slot = mixed & mask;
      for (let probes = 0; tags[slot] !== 0; slot = (slot + 1) & mask) {
        const other = slots[slot]!;
        if (tags[slot] === tag && lengths[other] === length && equal(bytes, starts[other]!, bytes, start, length))
          this.duplicate ??= [other, rank];
        if (++probes <= maximumProbes) continue;
        this.crowded = true;
        break;
      }
      hashes[rank] = hash;
      tags[slot] = tag;
      slots[slot] = rank;
      if (length === 2) this.#bytePairs[(bytes[start]! << 8) | bytes[start + 1]!] = rank;
    }
    this.#tags = tags;
    this.#slots = slots;
    this.#mask = mask;
    this.#hashes = hashes;
    this.#powers = new Int32Array(longest + 1);
    for (let i = 0, power = 1; i <= longest; i++, power = imul(power, hashBase)) this.#powers[i] = power;
  }

  /** The rank of two tokens' bytes together, or `never`. */
  find(left: number, right: number): number {
    const { bytes, starts, lengths } = this.tokens;
    const leftLength = lengths[left]!;
    const rightLength = lengths[right]!;
    const length = leftLength + rightLength;
    if (length === 2) return this.#bytePairs[(bytes[starts[left]!]! << 8) | bytes[starts[right]!]!]!;
    if (length >= this.#powers.length) return never;
    const mixed = mixHash((imul(this.#hashes[left]!, this.#powers[rightLength]!) + this.#hashes[right]!) | 0);
    const tag = tagOf(mixed);
    const tags = this.#tags;
    const mask = this.#mask;
    for (let slot = mixed & mask; ; slot = (slot + 1) & mask) {
      const found = tags[slot];
      if (found === 0) return never;
      if (found !== tag) continue;
      const rank = this.#slots[slot]!;
      if (lengths[rank] !== length) continue;
      const start = starts[rank]!;
      if (equal(bytes, start, bytes, starts[left]!, leftLength) && equal(bytes, start + leftLength, bytes, starts[right]!, rightLength))
        return rank;
    }
  }

  merged(rank: number): number {
    return rank;
  }

  /** The rank of `word[0..length)`, or -1. */
  findBytes(word: Uint8Array, length: number): number {
    const { bytes, starts, lengths } = this.tokens;
    if (length >= this.#powers.length) return -1;
    const mixed = mixHash(hashBytes(word, 0, length));
    const tag = tagOf(mixed);
    const mask = this.#mask;
    for (let slot = mixed & mask; ; slot = (slot + 1) & mask) {
      const found = this.#tags[slot];
      if (found === 0) return -1;
      const rank = this.#slots[slot]!;
      if (found === tag && lengths[rank] === length && equal(bytes, starts[rank]!, word, 0, length)) return rank;
    }
  }

  /** The rank of `text.slice(start, end)`, which is ASCII and whose hash is known; or -1. */
  findAscii(hash: number, text: string, start: number, end: number): number {
    const { bytes, starts, lengths } = this.tokens;
    const mixed = mixHash(hash);
    const tag = tagOf(mixed);
    const mask = this.#mask;
    for (let slot = mixed & mask; ; slot = (slot + 1) & mask) {
      const found = this.#tags[slot];
      if (found === 0) return -1;
      if (found !== tag) continue;
      const rank = this.#slots[slot]!;
      if (lengths[rank] !== end - start) continue;
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

/** Bits of a spread hash that do not choose the slot; never 0. */
function tagOf(mixed: number): number {
  return (mixed >>> 24) | 1;
}

function equal(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}
