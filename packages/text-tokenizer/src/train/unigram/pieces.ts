/**
 * Candidate pieces, each a range of the corpus's text, with its score. The characters come first, in the order of the alphabet, so that a
 * character is its own piece.
 */
export class Pieces {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** First frequency × length, then the logarithm of the piece's probability. */
  readonly scores: Float64Array;
  count = 0;

  constructor(capacity: number) {
    this.starts = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    this.scores = new Float64Array(capacity);
  }

  add(start: number, length: number, score: number): void {
    this.starts[this.count] = start;
    this.lengths[this.count] = length;
    this.scores[this.count++] = score;
  }

  /** The pieces for which `keep` holds, in the same order. */
  filter(keep: (piece: number) => boolean): Pieces {
    const kept = new Pieces(this.count);
    for (let i = 0; i < this.count; i++) if (keep(i)) kept.add(this.starts[i]!, this.lengths[i]!, this.scores[i]!);
    return kept;
  }
}
