import { type MergeTable, never } from './merge.js';

const { imul } = Math;

/** Slots hold left id + 1, right id, rank, and nothing: never two cache lines, where a Map keyed by numbers above 2^31 boxes every key. */
const stride = 4;
/** Pairs in one place of the table: beyond that a file was made to be slow. */
const maximumProbes = 4096;

/** A hash table from a pair of ids to its rank; open addressing over one Int32Array. */
export class PairTable implements MergeTable {
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** The token of each rank. */
  readonly #merged: Int32Array;

  /** `merges`: ranks are below this. */
  constructor(merges: number) {
    let size = 16;
    while (size < merges * 1.5) size *= 2;
    this.#slots = new Int32Array(size * stride);
    this.#mask = size - 1;
    this.#merged = new Int32Array(merges);
  }

  /** A later merge of the same pair replaces the earlier one, as in the original. False when too many pairs fall into one place. */
  set(left: number, right: number, rank: number, merged: number): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    const first = hashPair(left, right) & mask;
    for (let slot = first, probes = 0; probes < maximumProbes; slot = (slot + 1) & mask, probes++) {
      const at = slot * stride;
      if (slots[at] !== 0 && (slots[at] !== left + 1 || slots[at + 1] !== right)) continue;
      slots[at] = left + 1;
      slots[at + 1] = right;
      slots[at + 2] = rank;
      this.#merged[rank] = merged;
      return true;
    }
    return false;
  }

  find(left: number, right: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hashPair(left, right) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride;
      const found = slots[at]!;
      if (found === 0) return never;
      if (found === left + 1 && slots[at + 1] === right) return slots[at + 2]!;
    }
  }

  merged(rank: number): number {
    return this.#merged[rank]!;
  }
}

function hashPair(left: number, right: number): number {
  const hash = imul(left, 0x9e3779b1) ^ imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
