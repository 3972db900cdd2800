import type { MergeTable } from './merge.js';

const { imul } = Math;

/** Slots hold left id + 1, right id, rank, merged id: one cache line, where a Map keyed by numbers above 2^31 boxes every key. */
const stride = 4;
/** Pairs in one place of the table: beyond that a file was made to be slow. */
const maximumProbes = 4096;

/** A hash table from a pair of ids to its merge: rank and resulting id. Open addressing over one Int32Array. */
export class PairTable implements MergeTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 1.5) size *= 2;
    this.#slots = new Int32Array(size * stride);
    this.#mask = size - 1;
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
      slots[at + 3] = merged;
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
      if (found === 0) return -1;
      if (found === left + 1 && slots[at + 1] === right) return at;
    }
  }

  rank(handle: number): number {
    return this.#slots[handle + 2]!;
  }

  merged(handle: number): number {
    return this.#slots[handle + 3]!;
  }
}

function hashPair(left: number, right: number): number {
  const hash = imul(left, 0x9e3779b1) ^ imul(right, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
