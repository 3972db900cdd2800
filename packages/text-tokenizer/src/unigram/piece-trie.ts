// Test runners put a slow global object behind every `Math.imul` in an inner loop.
const { imul } = Math;

/** Slots hold a node, a unit, the node that the unit leads to (0 where the slot is empty), and the piece that ends there, or -1. */
const stride = 4;

/**
 * A trie of pieces over UTF-16 units whose edges lie in one hash table: it is built by appending, so that a quarter of a million pieces take
 * a fraction of a second, and a step down is one look into one cache line.
 */
export class PieceTrie {
  #slots = new Int32Array(2 ** 10 * stride);
  #mask = 2 ** 10 - 1;
  #nodes = 1;

  /** A later piece of the same spelling replaces the earlier one. */
  add(piece: string, id: number): void {
    let node = 0;
    let at = 0;
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      at = this.#locate(node, unit);
      if (this.#slots[at + 2] === 0) {
        if (this.#nodes * 2 > this.#mask) {
          this.#grow();
          at = this.#locate(node, unit);
        }
        this.#slots[at] = node;
        this.#slots[at + 1] = unit;
        this.#slots[at + 2] = this.#nodes++;
        this.#slots[at + 3] = -1;
      }
      node = this.#slots[at + 2]!;
    }
    if (node !== 0) this.#slots[at + 3] = id;
  }

  /** A handle for {@link node} and {@link piece} of what `unit` leads to from a node (the root is 0), or -1. */
  step(node: number, unit: number): number {
    const at = this.#locate(node, unit);
    return this.#slots[at + 2] === 0 ? -1 : at;
  }

  node(handle: number): number {
    return this.#slots[handle + 2]!;
  }

  /** The piece that ends here, or -1. */
  piece(handle: number): number {
    return this.#slots[handle + 3]!;
  }

  #locate(node: number, unit: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let hash = imul(node, 0x9e3779b1) ^ imul(unit, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride;
      if (slots[at + 2] === 0 || (slots[at] === node && slots[at + 1] === unit)) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += stride) {
      if (old[from + 2] !== 0) this.#slots.set(old.subarray(from, from + stride), this.#locate(old[from]!, old[from + 1]!));
    }
  }
}
