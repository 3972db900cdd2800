import { Heap } from '../heap.js';
import type { Pace } from './pace.js';

/** Ids stay below this, so that a pair packs into one exact double. */
const idLimit = 2 ** 24;

export interface Merge {
  readonly left: number;
  readonly right: number;
  /** The id of the result: the next free one, or that of an equal token that another pair made. */
  readonly id: number;
}

const stage = 'learning merges';

/** Words as the ids of their symbols, with how often each occurs. */
export class SymbolCorpus {
  readonly parts: Int32Array[] = [];
  readonly counts: number[] = [];

  private constructor() {}

  /**
   * `spell` tells the symbols of a word, in several runs where something between them is not to be learnt from. Runs longer than
   * `longestPart` are taken apart, so that one enormous word does not make every merge slow.
   */
  static async of(
    words: ReadonlyMap<string, number>,
    spell: (word: string, add: (symbols: Int32Array) => void) => void,
    pace: Pace,
    longestPart = 1024,
  ): Promise<SymbolCorpus> {
    const corpus = new SymbolCorpus();
    let done = 0;
    for (const [word, count] of words) {
      spell(word, (symbols) => {
        for (let start = 0; start < symbols.length; start += longestPart) {
          corpus.parts.push(symbols.slice(start, start + longestPart));
          corpus.counts.push(count);
        }
      });
      if ((++done & 255) === 0 && pace.due) await pace.rest({ done: 0, stage });
    }
    return corpus;
  }
}

export interface LearnOptions {
  /** How each symbol is written, by id. */
  readonly symbols: ReadonlyMap<number, string>;
  /** How the token that two make is written; one after the other by default. */
  readonly join?: (left: string, right: string) => string;
  /** Tokens that no merge may spell: special ones, which would else stand within words. */
  readonly reserved?: ReadonlySet<string>;
  /** Id of the first merge; ids go up from here. */
  readonly firstId: number;
  /** How many new tokens to learn at most. */
  readonly tokens: number;
  /** Pairs that occur less often are not merged. */
  readonly minimumCount: number;
  /** Symbols that a token may hold; no limit by default. */
  readonly longest?: number;
  readonly pace: Pace;
}

/**
 * Learns BPE merges (Sennrich et al. 2016, arXiv 1508.07909): again and again the most frequent pair, ties to the smaller left id, then the
 * smaller right id, which is also the order of huggingface/tokenizers. Counts are updated where a merge changed them, never counted anew.
 */
export async function learnMerges({ parts, counts: weights }: SymbolCorpus, options: LearnOptions): Promise<Merge[]> {
  const { pace, minimumCount, longest = Number.POSITIVE_INFINITY, join = (left, right) => left + right } = options;
  const total = options.tokens;
  const counts = new Map<number, number>();
  // A part can stand here twice, or no longer hold the pair; merging it again then changes nothing.
  const places = new Map<number, number[]>();
  const change = (key: number, by: number, part: number) => {
    counts.set(key, (counts.get(key) ?? 0) + by);
    if (by < 0) return;
    const list = places.get(key);
    if (list === undefined) places.set(key, [part]);
    else if (list[list.length - 1] !== part) list.push(part);
  };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    for (let j = 0; j + 1 < part.length; j++) change(part[j]! * idLimit + part[j + 1]!, weights[i]!, i);
    if ((i & 255) === 255 && pace.due) await pace.rest({ done: 0, total, stage });
  }

  const spelling = new Map(options.symbols);
  const idOf = new Map([...spelling].map(([id, token]) => [token, id]));
  const lengths = new Map([...spelling].map(([id]) => [id, 1]));
  const fits = (key: number) => lengths.get(Math.floor(key / idLimit))! + lengths.get(key % idLimit)! <= longest;
  const heap = new Heap(isBetter);
  const offer = (key: number, count: number) => {
    if (count >= minimumCount && fits(key)) heap.push({ key, count });
  };
  let offered = 0;
  for (const [key, count] of counts) {
    offer(key, count);
    if ((++offered & 4095) === 0 && pace.due) await pace.rest({ done: 0, total, stage });
  }

  const merges: Merge[] = [];
  let nextId = options.firstId;
  while (nextId < options.firstId + total) {
    if (pace.due) await pace.rest({ done: nextId - options.firstId, total, stage });
    const top = heap.pop();
    if (top === undefined) break;
    const count = counts.get(top.key) ?? 0;
    if (count !== top.count) {
      // The count fell since the entry was made.
      if (count < top.count) offer(top.key, count);
      continue;
    }
    const left = Math.floor(top.key / idLimit);
    const right = top.key % idLimit;
    const token = join(spelling.get(left)!, spelling.get(right)!);
    if (options.reserved?.has(token) === true) {
      counts.delete(top.key);
      places.delete(top.key);
      continue;
    }
    let id = idOf.get(token);
    if (id === undefined) {
      id = nextId++;
      idOf.set(token, id);
      spelling.set(id, token);
      lengths.set(id, lengths.get(left)! + lengths.get(right)!);
    }
    merges.push({ left, right, id });

    const touched = new Set<number>();
    const where = places.get(top.key) ?? [];
    for (let at = 0; at < where.length; at++) {
      const i = where[at]!;
      parts[i] = mergePart(parts[i]!, left, right, id, (key, by) => {
        change(key, by * weights[i]!, i);
        touched.add(key);
      });
      if ((at & 255) === 255 && pace.due) await pace.rest({ done: nextId - options.firstId, total, stage });
    }
    places.delete(top.key);
    counts.delete(top.key);
    touched.delete(top.key);
    for (const key of touched) {
      const now = counts.get(key)!;
      if (now > 0) offer(key, now);
      else {
        counts.delete(key);
        places.delete(key);
      }
    }
  }
  pace.report({ done: nextId - options.firstId, total, stage });
  return merges;
}

/** Replaces left, right by id from the left on, and reports what that does to the counts of the pairs around it. */
function mergePart(part: Int32Array, left: number, right: number, id: number, change: (key: number, by: number) => void): Int32Array {
  const end = part.length;
  let at = 0;
  while (at + 1 < end && !(part[at] === left && part[at + 1] === right)) at++;
  if (at + 1 >= end) return part;
  const merged = new Int32Array(end - 1);
  merged.set(part.subarray(0, at));
  let length = at;
  let afterNew = false;
  while (at < end) {
    const isNew = part[at] === left && part[at + 1] === right;
    const symbol = isNew ? id : part[at]!;
    if (length > 0 && (isNew || afterNew)) {
      change(part[at - 1]! * idLimit + part[at]!, -1);
      change(merged[length - 1]! * idLimit + symbol, 1);
    }
    merged[length++] = symbol;
    at += isNew ? 2 : 1;
    afterNew = isNew;
  }
  return length === merged.length ? merged : merged.slice(0, length);
}

interface PairCount {
  /** left × 2^24 + right, so that smaller keys are smaller ids. */
  readonly key: number;
  readonly count: number;
}

/** Highest count first; ties to the smaller key, which makes training repeatable. */
function isBetter(a: PairCount, b: PairCount): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}
