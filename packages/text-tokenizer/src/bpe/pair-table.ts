/** Slots hold left id, right id, rank, merged id: one cache line, where a Map keyed by numbers above 2^31 boxes every key. */
const stride = 4;

/** A hash table from a pair of ids to its merge: rank and resulting id. Open addressing over one Int32Array. */
export class PairTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#slots = new Int32Array(size * stride).fill(-1);
    this.#mask = size - 1;
  }

  /** A later merge of the same pair replaces the earlier one, as in the original. */
  set(left: number, right: number, rank: number, merged: number): void {
    const at = this.#locate(left, right);
    this.#slots[at] = left;
    this.#slots[at + 1] = right;
    this.#slots[at + 2] = rank;
    this.#slots[at + 3] = merged;
  }

  /** A handle for {@link rank} and {@link merged}, or -1 when the pair does not merge. */
  find(left: number, right: number): number {
    const at = this.#locate(left, right);
    return this.#slots[at] === -1 ? -1 : at;
  }

  rank(handle: number): number {
    return this.#slots[handle + 2]!;
  }

  merged(handle: number): number {
    return this.#slots[handle + 3]!;
  }

  #locate(left: number, right: number): number {
    const slots = this.#slots;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * stride;
      if (slots[at] === -1 || (slots[at] === left && slots[at + 1] === right)) return at;
    }
  }
}
