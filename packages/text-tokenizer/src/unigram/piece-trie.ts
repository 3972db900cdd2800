import { fileError } from '../errors.js';

// Test runners put a slow global object behind every `Math.imul` in an inner loop.
const { imul } = Math;

/** Slots hold a node, a unit, the node that the unit leads to (0 where the slot is empty), and the piece that ends there, or -1. */
const stride = 4;
/** Edges in one place of the table: beyond that a file was made to be slow. */
const maximumProbes = 4096;

/**
 * A trie of pieces over UTF-16 units, or other numbers, whose edges lie in one hash table: it is built by appending, so that a quarter of a million pieces take
 * a fraction of a second, and a step down is one look into one cache line.
 */
export class PieceTrie {
  #slots = new Int32Array(2 ** 10 * stride);
  #mask = 2 ** 10 - 1;
  #nodes = 1;

  /** A later piece of the same spelling replaces the earlier one. Throws TOKENIZER_FILE when too many pieces fall into one place. */
  add(piece: string | Int32Array, id: number): void {
    let node = 0;
    let at = 0;
    for (let i = 0; i < piece.length; i++) {
      const unit = typeof piece === 'string' ? piece.charCodeAt(i) : piece[i]!;
      at = this.#place(node, unit);
      if (this.#slots[at + 2] === 0) {
        if (this.#nodes * 2 > this.#mask) {
          this.#grow();
          at = this.#place(node, unit);
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

  /** Tells the pieces that `text` has at `start`, shortest first. */
  match(text: string, start: number, found: (end: number, id: number) => void): void {
    for (let node = 0, i = start; i < text.length; ) {
      const handle = this.step(node, text.charCodeAt(i++));
      if (handle < 0) return;
      node = this.node(handle);
      const id = this.piece(handle);
      if (id >= 0) found(i, id);
    }
  }

  /** A handle for {@link node} and {@link piece} of what `unit` leads to from a node (the root is 0), or -1. */
  step(node: number, unit: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hashEdge(node, unit) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * stride;
      if (slots[at + 2] === 0) return -1;
      if (slots[at] === node && slots[at + 1] === unit) return at;
    }
  }

  node(handle: number): number {
    return this.#slots[handle + 2]!;
  }

  /** The piece that ends here, or -1. */
  piece(handle: number): number {
    return this.#slots[handle + 3]!;
  }

  /** The slot of an edge, or the empty one where it belongs. */
  #place(node: number, unit: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const first = hashEdge(node, unit);
    for (let probe = 0; probe < maximumProbes; probe++) {
      const at = ((first + probe) & mask) * stride;
      if (slots[at + 2] === 0 || (slots[at] === node && slots[at + 1] === unit)) return at;
    }
    throw fileError('the pieces of the vocabulary were made to be slow to look up.', 'Check where the file comes from.');
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += stride) {
      if (old[from + 2] !== 0) this.#slots.set(old.subarray(from, from + stride), this.#place(old[from]!, old[from + 1]!));
    }
  }
}

function hashEdge(node: number, unit: number): number {
  const hash = imul(node, 0x9e3779b1) ^ imul(unit, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
