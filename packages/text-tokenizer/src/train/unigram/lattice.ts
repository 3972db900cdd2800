import type { PieceTrie } from '../../unigram/piece-trie.js';
import { powerOfTwo } from './portable-math.js';

/**
 * The probability of a position is mantissa × 2^(256 × exponent), the mantissa between 2^-128 and 2^128: no word is long enough to underflow.
 * Logarithms would do the same at several times the cost. (No piece is rarer than 2^-128: EM counts to 10^15 at most.)
 */
const step = 256;
/** 2^256 and 2^-128. */
const up = 1.157920892373162e77;
const least = 2.938735877055719e-39;

/** 2^(256 × exponent), 0 where that is too small to matter. */
function scale(exponent: number): number {
  if (exponent === 0) return 1;
  return exponent < -3 ? 0 : powerOfTwo(step * Math.min(exponent, 3));
}

/** Numbers of any size below 1, one for each position of a word. */
class Magnitudes {
  readonly mantissas: Float64Array;
  readonly exponents: Int32Array;

  constructor(size: number) {
    this.mantissas = new Float64Array(size);
    this.exponents = new Int32Array(size);
  }

  clear(size: number): void {
    this.mantissas.fill(0, 0, size);
    this.exponents.fill(0, 0, size);
  }

  add(at: number, mantissa: number, exponent: number): void {
    const held = this.mantissas[at]!;
    const difference = held === 0 ? 1 : exponent - this.exponents[at]!;
    if (difference === 0) this.mantissas[at] = held + mantissa;
    else if (difference < 0) this.mantissas[at] = held + mantissa * scale(difference);
    else {
      this.mantissas[at] = mantissa + held * scale(-difference);
      this.exponents[at] = exponent;
    }
  }

  /** Once nothing more is added. */
  settle(at: number): void {
    if (this.mantissas[at]! >= least) return;
    this.mantissas[at]! *= up;
    this.exponents[at]! -= 1;
  }
}

/** All ways to cut one word into pieces. The buffers are used again for the next word. */
export class Lattice {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #piece: Int32Array;
  readonly #forward: Magnitudes;
  readonly #backward: Magnitudes;
  readonly #best: Float64Array;
  readonly #bestEdge: Int32Array;
  #edges = 0;
  #length = 0;

  constructor(longestWord: number, longestPiece: number) {
    this.#from = new Int32Array(longestWord * longestPiece);
    this.#to = new Int32Array(longestWord * longestPiece);
    this.#piece = new Int32Array(longestWord * longestPiece);
    this.#forward = new Magnitudes(longestWord + 1);
    this.#backward = new Magnitudes(longestWord + 1);
    this.#best = new Float64Array(longestWord + 1);
    this.#bestEdge = new Int32Array(longestWord + 1);
  }

  /** Looks at the word text[start, end); leaves out the piece that is the whole word when `divided`. */
  read(text: Int32Array, start: number, end: number, trie: PieceTrie, divided = false): void {
    let edges = 0;
    this.#length = end - start;
    for (let i = start; i < end; i++) {
      for (let node = 0, to = i; to < end; ) {
        const handle = trie.step(node, text[to++]!);
        if (handle < 0) break;
        node = trie.node(handle);
        const piece = trie.piece(handle);
        if (piece < 0 || (divided && i === start && to === end)) continue;
        this.#from[edges] = i - start;
        this.#to[edges] = to - start;
        this.#piece[edges++] = piece;
      }
    }
    this.#edges = edges;
  }

  /** Adds to `expected` how often each piece occurs on average over all ways to cut the word, `count` times (forward–backward). */
  expect(probabilities: Float64Array, count: number, expected: Float64Array): void {
    const forward = this.#forward;
    const backward = this.#backward;
    const length = this.#length;
    forward.clear(length + 1);
    backward.clear(length + 1);
    forward.mantissas[0] = 1;
    for (let edge = 0, i = 0; i < length; i++) {
      forward.settle(i);
      const mantissa = forward.mantissas[i]!;
      const exponent = forward.exponents[i]!;
      for (; edge < this.#edges && this.#from[edge] === i; edge++) {
        forward.add(this.#to[edge]!, mantissa * probabilities[this.#piece[edge]!]!, exponent);
      }
    }
    forward.settle(length);
    backward.mantissas[length] = 1;
    const whole = count / forward.mantissas[length]!;
    const wholeExponent = forward.exponents[length]!;
    for (let edge = this.#edges - 1, i = length - 1; i >= 0; i--) {
      const share = forward.mantissas[i]! * whole;
      const shareExponent = forward.exponents[i]! - wholeExponent;
      for (; edge >= 0 && this.#from[edge] === i; edge--) {
        const to = this.#to[edge]!;
        const piece = this.#piece[edge]!;
        const rest = probabilities[piece]! * backward.mantissas[to]!;
        const exponent = backward.exponents[to]!;
        backward.add(i, rest, exponent);
        expected[piece]! += share * rest * scale(shareExponent + exponent);
      }
      backward.settle(i);
    }
  }

  /** The score of the best way to cut the word; `visit` gets its pieces, the last one first. -Infinity when there is none. */
  viterbi(scores: Float64Array, visit: (piece: number) => void): number {
    const best = this.#best;
    best.fill(Number.NEGATIVE_INFINITY, 1, this.#length + 1);
    best[0] = 0;
    for (let edge = 0; edge < this.#edges; edge++) {
      const to = this.#to[edge]!;
      const score = best[this.#from[edge]!]! + scores[this.#piece[edge]!]!;
      if (score <= best[to]!) continue;
      best[to] = score;
      this.#bestEdge[to] = edge;
    }
    const result = best[this.#length]!;
    if (result === Number.NEGATIVE_INFINITY) return result;
    for (let at = this.#length; at > 0; ) {
      const edge = this.#bestEdge[at]!;
      visit(this.#piece[edge]!);
      at = this.#from[edge]!;
    }
    return result;
  }
}
