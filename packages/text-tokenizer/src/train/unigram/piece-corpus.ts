import type { Pace } from '../pace.js';

/** Longer words are cut: no piece is nearly as long, and the work per word grows with its length. */
const longestWord = 192;
/** What is beyond, in characters of distinct words, adds rare words only; it bounds the memory that sorting takes. */
const mostCharacters = 1 << 26;

/** Distinct words with their counts, as indices into an alphabet. */
export class PieceCorpus {
  /** The words one after the other, and behind them the alphabet, so that every character stands somewhere. */
  readonly text: Int32Array;
  /** Where each word begins in `text`, and where the last one ends. */
  readonly starts: Int32Array;
  readonly counts: Float64Array;

  private constructor(
    readonly alphabet: readonly string[],
    words: readonly Int32Array[],
    counts: readonly number[],
  ) {
    this.starts = new Int32Array(words.length + 1);
    words.forEach((word, i) => {
      this.starts[i + 1] = this.starts[i]! + word.length;
    });
    this.text = new Int32Array(this.characters + alphabet.length);
    words.forEach((word, i) => {
      this.text.set(word, this.starts[i]);
    });
    alphabet.forEach((_, i) => {
      this.text[this.characters + i] = i;
    });
    this.counts = Float64Array.from(counts);
  }

  /** The length of all words together. */
  get characters(): number {
    return this.starts[this.starts.length - 1]!;
  }

  get longest(): number {
    return longestWord;
  }

  /** Characters outside the alphabet end a word, so that no piece holds one. */
  static async of(words: ReadonlyMap<string, number>, alphabet: readonly string[], pace: Pace): Promise<PieceCorpus> {
    const index = new Map(alphabet.map((character, i) => [character, i]));
    const parts: Int32Array[] = [];
    const counts: number[] = [];
    let held = 0;
    let visited = 0;
    for (const [word, count] of words) {
      if ((++visited & 1023) === 0 && pace.due) await pace.rest({ done: visited, total: words.size, stage: 'reading words' });
      if (held > mostCharacters) break;
      let part: number[] = [];
      const flush = () => {
        if (part.length === 0) return;
        parts.push(Int32Array.from(part));
        counts.push(count);
        held += part.length;
        part = [];
      };
      for (const character of word) {
        const at = index.get(character);
        if (at === undefined || part.length === longestWord) flush();
        if (at !== undefined) part.push(at);
      }
      flush();
    }
    pace.report({ done: visited, total: words.size, stage: 'reading words' });
    return new PieceCorpus(alphabet, parts, counts);
  }
}
