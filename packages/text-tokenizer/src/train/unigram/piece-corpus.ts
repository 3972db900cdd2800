import type { Pace } from '../pace.js';

/** Longer words are cut: no piece is nearly as long, and the work per word grows with its length. */
const longestWord = 192;
/** What is beyond, in characters of distinct words, adds rare words only; it bounds the memory that sorting takes. */
const mostCharacters = 1 << 26;

/** Distinct words with their counts, as indices into an alphabet. */
export class PieceCorpus {
  readonly longest = longestWord;

  private constructor(
    readonly alphabet: readonly string[],
    /** The words one after the other, and behind them the alphabet, so that every character stands somewhere. */
    readonly text: Int32Array,
    /** Where each word begins in `text`, and where the last one ends. */
    readonly starts: Int32Array,
    readonly counts: Float64Array,
  ) {}

  /** The length of all words together. */
  get characters(): number {
    return this.starts[this.starts.length - 1]!;
  }

  /** Characters outside the alphabet end a word, so that no piece holds one. */
  static async of(words: ReadonlyMap<string, number>, alphabet: readonly string[], pace: Pace): Promise<PieceCorpus> {
    const stage = 'reading words';
    const total = words.size;
    const index = new Map(alphabet.map((character, i) => [character, i]));
    let text = new Int32Array(1 << 16);
    let length = 0;
    const append = (character: number) => {
      if (length === text.length) {
        const grown = new Int32Array(length * 2);
        grown.set(text);
        text = grown;
      }
      text[length++] = character;
    };
    const starts = [0];
    const counts: number[] = [];
    let done = 0;
    for (const [word, count] of words) {
      const close = () => {
        if (length === starts[starts.length - 1]) return;
        starts.push(length);
        counts.push(count);
      };
      for (const character of word) {
        const at = index.get(character);
        if (at === undefined || length - starts[starts.length - 1]! === longestWord) close();
        if (at !== undefined) append(at);
      }
      close();
      if (length > mostCharacters) break;
      if ((++done & 255) === 0 && pace.due) await pace.rest({ done, total, stage });
    }
    alphabet.forEach((_, i) => {
      append(i);
    });
    pace.report({ done: total, total, stage });
    return new PieceCorpus(alphabet, text.subarray(0, length), Int32Array.from(starts), Float64Array.from(counts));
  }
}
