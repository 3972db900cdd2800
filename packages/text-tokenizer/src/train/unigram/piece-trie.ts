import type { Pieces } from './pieces.js';

const { imul } = Math;

/**
 * All pieces by their characters. A node below a character is found in a hash table by its parent and its character; the node of a single
 * character is the character's index.
 */
export class PieceTrie {
  /** Four numbers an entry: parent + 1, or 0 when free; character; node; piece, or -1. */
  #table = new Int32Array(1 << 14);
  #mask = (1 << 12) - 1;
  #used = 0;

  private constructor(private nodes: number) {}

  static async of(text: Int32Array, pieces: Pieces, characters: number, breathe: () => Promise<void> | undefined): Promise<PieceTrie> {
    const trie = new PieceTrie(characters);
    for (let piece = characters; piece < pieces.count; piece++) {
      const start = pieces.starts[piece]!;
      trie.#add(text, start, start + pieces.lengths[piece]!, piece);
      if ((piece & 1023) === 1023) await breathe();
    }
    return trie;
  }

  /** Calls `found(end, piece)` for every piece that `text` has at `start`, the single character first. */
  match(text: Int32Array, start: number, end: number, found: (end: number, piece: number) => void): void {
    let node = text[start]!;
    found(start + 1, node);
    for (let i = start + 1; i < end; i++) {
      const at = this.#slot(node, text[i]!);
      if (this.#table[at] === 0) return;
      const piece = this.#table[at + 3]!;
      if (piece >= 0) found(i + 1, piece);
      node = this.#table[at + 2]!;
    }
  }

  #add(text: Int32Array, start: number, end: number, piece: number): void {
    let node = text[start]!;
    for (let i = start + 1; i < end; i++) {
      let at = this.#slot(node, text[i]!);
      if (this.#table[at] === 0) {
        if (++this.#used * 2 > this.#mask) {
          this.#grow();
          at = this.#slot(node, text[i]!);
        }
        this.#table[at] = node + 1;
        this.#table[at + 1] = text[i]!;
        this.#table[at + 2] = this.nodes++;
        this.#table[at + 3] = -1;
      }
      if (i === end - 1) this.#table[at + 3] = piece;
      node = this.#table[at + 2]!;
    }
  }

  /** Where the entry is, or the free place where it belongs. */
  #slot(parent: number, character: number): number {
    const table = this.#table;
    let at = (imul(parent, 0x9e3779b1) ^ imul(character, 0x85ebca6b)) >>> 0;
    at ^= at >>> 15;
    for (;;) {
      const slot = (at & this.#mask) * 4;
      const held = table[slot]!;
      if (held === 0 || (held === parent + 1 && table[slot + 1] === character)) return slot;
      at++;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let i = 0; i < old.length; i += 4) {
      if (old[i] === 0) continue;
      this.#table.set(old.subarray(i, i + 4), this.#slot(old[i]! - 1, old[i + 1]!));
    }
  }
}
