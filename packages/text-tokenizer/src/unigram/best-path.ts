import type { PieceTrie } from './piece-trie.js';

export interface PieceScores {
  readonly trie: PieceTrie;
  /** The log-probability of each piece, by id. */
  readonly scores: Float64Array;
  /** What a character costs that is no piece by itself. */
  readonly unknownScore: number;
  readonly unknownId: number;
  /** Add up in single precision, as SentencePiece does, or in double, as huggingface/tokenizers does; ties fall by it. */
  readonly single: boolean;
}

/** Arrays of more elements are given back after use. */
const keep = 65_536;
const { fround } = Math;

/**
 * The most probable segmentation under a unigram language model (Kudo 2018, arXiv 1804.10959, section 3.1), by Viterbi's algorithm; of equal
 * ones, the one whose last piece is longest. O(length × longest piece).
 */
export class BestPath {
  readonly #options: PieceScores;
  /** By place in the text: the best score of what ends here, the last piece of it, and where that begins. */
  #best: Float64Array | Float32Array;
  #ids: Int32Array = new Int32Array(0);
  #links: Int32Array = new Int32Array(0);

  constructor(options: PieceScores) {
    this.#options = options;
    this.#best = new Float64Array(0);
  }

  /**
   * Finds the path of `text.slice(start, end)`. Then, from `at` = 0 on, {@link next} and {@link id} tell it. False when the text has a lone
   * surrogate, which must become U+FFFD first.
   */
  find(text: string, start: number, end: number): boolean {
    const { trie, scores, unknownScore, unknownId, single } = this.#options;
    const length = end - start;
    if (length >= this.#ids.length || (this.#ids.length > keep && length < keep)) this.#allocate(length + 1);
    const best = this.#best;
    const ids = this.#ids;
    const links = this.#links;
    links.fill(-1, 0, length + 1);
    best[0] = 0;
    for (let from = start; from < end; ) {
      const code = text.charCodeAt(from);
      let size = 1;
      if ((code & 0xf800) === 0xd800) {
        if (code >= 0xdc00 || from + 1 === end || (text.charCodeAt(from + 1) & 0xfc00) !== 0xdc00) return false;
        size = 2;
      }
      const here = best[from - start]!;
      let alone = false;
      let node = 0;
      for (let i = from; i < end; ) {
        const handle = trie.step(node, text.charCodeAt(i++));
        if (handle < 0) break;
        node = trie.node(handle);
        const id = trie.piece(handle);
        if (id < 0) continue;
        const score = scores[id]! + here;
        const to = i - start;
        if (links[to] === -1 || score > best[to]!) {
          best[to] = score;
          ids[to] = id;
          links[to] = from - start;
        }
        if (i - from === size) alone = true;
      }
      from += size;
      if (alone) continue;
      const score = single ? fround(unknownScore + here) : unknownScore + here;
      const to = from - start;
      if (links[to] === -1 || score > best[to]!) {
        best[to] = score;
        ids[to] = unknownId;
        links[to] = to - size;
      }
    }
    this.#turnLinks(length);
    return true;
  }

  /** Where the piece ends that begins at `at`, both counted from the start of the text. */
  next(at: number): number {
    return this.#links[at]!;
  }

  /** The piece that ends at `end`. */
  id(end: number): number {
    return this.#ids[end]!;
  }

  /** Links lead from each piece's end to its beginning; afterwards those of the best path lead the other way. */
  #turnLinks(length: number): void {
    const links = this.#links;
    for (let end = length, begin = links[length]!; end > 0; ) {
      const before = links[begin]!;
      links[begin] = end;
      end = begin;
      begin = before;
    }
  }

  #allocate(length: number): void {
    const size = Math.max(256, length <= keep ? Math.min(length * 2, keep) : length);
    this.#best = this.#options.single ? new Float32Array(size) : new Float64Array(size);
    this.#ids = new Int32Array(size);
    this.#links = new Int32Array(size);
  }
}
