import { throwIfAborted } from '@polymodal/modality-registry';
import { writeUtf8 } from '../bytes.js';
import { breathe } from './count-words.js';
import { PairHeap } from './pair-heap.js';

/** Longer words are trained on in pieces, so that one enormous word does not make every merge slow. */
const longestPiece = 192;
/** Ids stay below this, so that a pair packs into one exact double. */
const idLimit = 2 ** 24;

export interface Merge {
  readonly left: number;
  readonly right: number;
  /** The id of the result: the next free one, or that of an equal token that another pair made. */
  readonly id: number;
}

export interface LearnOptions {
  /** The id of each byte. */
  readonly byteIds: ArrayLike<number>;
  /** How each byte is written, to know equal tokens. */
  readonly byteTokens: readonly string[];
  /** Id of the first merge; ids go up from here. */
  readonly firstId: number;
  /** How many new tokens to learn at most. */
  readonly tokens: number;
  /** Pairs that occur less often are not merged. */
  readonly minimumCount: number;
  readonly signal?: AbortSignal | undefined;
  readonly onToken: (done: number) => void;
}

/**
 * Learns BPE merges (Sennrich et al. 2016, arXiv 1508.07909): again and again the most frequent pair, ties to the smaller left id, then the
 * smaller right id. Counts are updated where a merge changed them, never counted anew.
 */
export async function learnMerges(words: ReadonlyMap<string, number>, options: LearnOptions): Promise<Merge[]> {
  const corpus = buildCorpus(words, options.byteIds);
  const { pieces, weights } = corpus;
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const change = (key: number, by: number, piece: number, touched?: Set<number>) => {
    counts.set(key, (counts.get(key) ?? 0) + by);
    if (by > 0) {
      const set = places.get(key);
      if (set === undefined) places.set(key, new Set([piece]));
      else set.add(piece);
    }
    touched?.add(key);
  };
  pieces.forEach((piece, i) => {
    for (let j = 0; j + 1 < piece.length; j++) change(piece[j]! * idLimit + piece[j + 1]!, weights[i]!, i);
  });
  const heap = new PairHeap();
  for (const [key, count] of counts) if (count >= options.minimumCount) heap.push({ key, count });

  const spelling = new Map<number, string>();
  options.byteTokens.forEach((token, byte) => {
    spelling.set(options.byteIds[byte]!, token);
  });
  const idOf = new Map([...spelling].map(([id, token]) => [token, id]));
  const merges: Merge[] = [];
  let nextId = options.firstId;
  let lastBreath = Date.now();
  while (nextId < options.firstId + options.tokens) {
    const top = heap.pop();
    if (top === undefined) break;
    const count = counts.get(top.key) ?? 0;
    if (count !== top.count) {
      // The count fell since the entry was made.
      if (count >= options.minimumCount && count < top.count) heap.push({ key: top.key, count });
      continue;
    }
    const left = Math.floor(top.key / idLimit);
    const right = top.key % idLimit;
    const token = spelling.get(left)! + spelling.get(right)!;
    let id = idOf.get(token);
    if (id === undefined) {
      id = nextId++;
      idOf.set(token, id);
      spelling.set(id, token);
    }
    merges.push({ left, right, id });

    const touched = new Set<number>();
    for (const i of places.get(top.key) ?? []) {
      pieces[i] = mergePiece(pieces[i]!, left, right, id, (key, by) => change(key, by * weights[i]!, i, touched));
    }
    places.delete(top.key);
    counts.delete(top.key);
    touched.delete(top.key);
    for (const key of touched) {
      const now = counts.get(key)!;
      if (now <= 0) {
        counts.delete(key);
        places.delete(key);
      } else if (now >= options.minimumCount) heap.push({ key, count: now });
    }
    if (Date.now() - lastBreath > 50) {
      throwIfAborted(options.signal);
      options.onToken(nextId - options.firstId);
      await breathe();
      lastBreath = Date.now();
    }
  }
  throwIfAborted(options.signal);
  options.onToken(nextId - options.firstId);
  return merges;
}

function buildCorpus(words: ReadonlyMap<string, number>, byteIds: ArrayLike<number>): { pieces: Int32Array[]; weights: number[] } {
  const pieces: Int32Array[] = [];
  const weights: number[] = [];
  for (const [word, count] of words) {
    const bytes = new Uint8Array(word.length * 3);
    const length = writeUtf8(word, bytes);
    for (let start = 0; start < length; start += longestPiece) {
      pieces.push(Int32Array.from(bytes.subarray(start, Math.min(length, start + longestPiece)), (byte) => byteIds[byte]!));
      weights.push(count);
    }
  }
  return { pieces, weights };
}

/** Replaces left, right by id from the left on, and reports what that does to the counts of pairs. */
function mergePiece(piece: Int32Array, left: number, right: number, id: number, change: (key: number, by: number) => void): Int32Array {
  const merged = new Int32Array(piece.length);
  let length = 0;
  for (let i = 0; i < piece.length; i++) {
    if (piece[i] === left && piece[i + 1] === right) {
      merged[length++] = id;
      i++;
    } else merged[length++] = piece[i]!;
  }
  // A place can be out of date: the pair was here once, and another merge took it.
  if (length === piece.length) return piece;
  for (let i = 0; i + 1 < piece.length; i++) change(piece[i]! * idLimit + piece[i + 1]!, -1);
  for (let i = 0; i + 1 < length; i++) change(merged[i]! * idLimit + merged[i + 1]!, 1);
  return merged.slice(0, length);
}
