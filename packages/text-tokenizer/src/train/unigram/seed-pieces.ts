import type { Pace } from '../pace.js';
import type { PieceCorpus } from './piece-corpus.js';
import { Pieces } from './pieces.js';

/** SentencePiece's number of seeds. */
const mostSeeds = 1_000_000;

/**
 * The pieces that learning starts from (Kudo 2018, arXiv 1804.10959, section 3.2): all characters, and the substrings that occur at least
 * twice, the best by frequency × length. A substring that is always followed by the same character is left out, because the longer one says
 * the same: what remains are the inner nodes of the suffix tree. They are found by sorting all suffixes, up to `longest` characters deep, with
 * three-way radix quicksort (Bentley and Sedgewick 1997), whose equal parts are those nodes.
 */
export async function seedPieces(corpus: PieceCorpus, longest: number, pace: Pace, most = mostSeeds): Promise<Pieces> {
  const { text, starts, counts, alphabet, characters: total } = corpus;
  const stage = 'finding frequent substrings';
  const suffixes = new Int32Array(total);
  /** Behind each position of the text: its word's end and count. */
  const ends = new Int32Array(total);
  const weights = new Float64Array(total);
  const frequencies = new Float64Array(alphabet.length);
  for (let word = 0; word < counts.length; word++) {
    for (let i = starts[word]!; i < starts[word + 1]!; i++) {
      suffixes[i] = i;
      ends[i] = starts[word + 1]!;
      weights[i] = counts[word]!;
      frequencies[text[i]!]! += counts[word]!;
    }
    if ((word & 1023) === 1023 && pace.due) await pace.rest({ done: 0, total, stage });
  }
  const seeds = new SeedQueue(most);
  const symbol = (suffix: number, depth: number) => (suffix + depth < ends[suffix]! ? text[suffix + depth]! : -1);
  // Ranges still to sort, as low, high, depth; those of a depth that has just become equal are nodes.
  const stack: number[] = [0, total, 0, 0];
  let steps = 0;
  while (stack.length > 0) {
    const isNode = stack.pop() === 1;
    const depth = stack.pop()!;
    const high = stack.pop()!;
    const low = stack.pop()!;
    const size = high - low;
    if ((++steps & 1023) === 0 && pace.due) await pace.rest({ done: low, total, stage });
    if (size < 1) continue;
    let frequency = 2;
    if (isNode) {
      frequency = 0;
      for (let i = low; i < high; i++) {
        frequency += weights[suffixes[i]!]!;
        if ((++steps & 0xffff) === 0 && pace.due) await pace.rest({ done: low, total, stage });
      }
    }
    if (frequency < 2) continue;
    if (isNode && depth >= longest) {
      seeds.add(suffixes[low]!, depth, frequency);
      continue;
    }
    const pivot = symbol(suffixes[low + (size >> 1)]!, depth);
    let less = low;
    let more = high;
    for (let i = low; i < more; ) {
      if ((++steps & 0xffff) === 0 && pace.due) await pace.rest({ done: low, total, stage });
      const suffix = suffixes[i]!;
      const at = symbol(suffix, depth);
      if (at === pivot) i++;
      else if (at < pivot) {
        suffixes[i++] = suffixes[less]!;
        suffixes[less++] = suffix;
      } else {
        suffixes[i] = suffixes[--more]!;
        suffixes[more] = suffix;
      }
    }
    const goesOnOneWay = less === low && more === high && pivot >= 0;
    if (isNode && depth > 1 && !goesOnOneWay) seeds.add(suffixes[low]!, depth, frequency);
    if (less > low) stack.push(low, less, depth, 0);
    if (more < high) stack.push(more, high, depth, 0);
    if (pivot >= 0) stack.push(less, more, depth + 1, 1);
  }
  pace.report({ done: total, total, stage });
  return seeds.withCharacters(total, frequencies);
}

/** Keeps the best of a stream in memory for twice as many. */
class SeedQueue {
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #scores: number[] = [];

  constructor(private readonly most: number) {}

  add(start: number, length: number, frequency: number): void {
    this.#starts.push(start);
    this.#lengths.push(length);
    this.#scores.push(frequency * length);
    if (this.#scores.length >= this.most * 2) this.#shrink();
  }

  /** `firstCharacter`: where the first character of the alphabet stands, the others behind it. */
  withCharacters(firstCharacter: number, frequencies: Float64Array): Pieces {
    if (this.#scores.length > this.most) this.#shrink();
    const pieces = new Pieces(frequencies.length + this.#starts.length);
    frequencies.forEach((frequency, i) => {
      pieces.add(firstCharacter + i, 1, frequency);
    });
    this.#starts.forEach((start, i) => {
      pieces.add(start, this.#lengths[i]!, this.#scores[i]!);
    });
    return pieces;
  }

  /** Of equally good ones, those stay that came first. */
  #shrink(): void {
    const least = Float64Array.from(this.#scores).sort()[this.#scores.length - this.most]!;
    let equal = this.most;
    for (const score of this.#scores) if (score > least) equal--;
    let kept = 0;
    for (let i = 0; i < this.#scores.length; i++) {
      const score = this.#scores[i]!;
      if (score < least || (score === least && equal-- <= 0)) continue;
      this.#starts[kept] = this.#starts[i]!;
      this.#lengths[kept] = this.#lengths[i]!;
      this.#scores[kept++] = score;
    }
    this.#starts.length = kept;
    this.#lengths.length = kept;
    this.#scores.length = kept;
  }
}
