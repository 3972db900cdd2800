import { RankQueues } from './rank-queues.js';

/** The rank of a pair that does not merge: above every other. */
export const never = 0x7fffffff;

/** Which pairs of tokens merge. */
export interface MergeTable {
  /** The rank of a pair (lower merges first), or {@link never}. No two pairs have one rank, but for pairs of the same spelling. */
  find(left: number, right: number): number;
  /** The token that the pair of this rank becomes. */
  merged(rank: number): number;
}

/** Up to here scanning for the lowest rank is faster than queues. */
const scanLimit = 160;

/**
 * Merges `symbols[0..length)` in place, always the pair of lowest rank, leftmost first, until none merges (Sennrich et al. 2016,
 * arXiv 1508.07909), and returns the new length. O(n log n).
 */
export function mergeSymbols(symbols: Int32Array, length: number, table: MergeTable): number {
  if (length < 2) return length;
  return length <= scanLimit ? mergeByScan(symbols, length, table) : mergeByQueues(symbols, length, table);
}

const scanRanks = /* @__PURE__ */ new Int32Array(scanLimit);

function mergeByScan(symbols: Int32Array, length: number, table: MergeTable): number {
  // The rank of the pair that starts here.
  const ranks = scanRanks;
  let best = never;
  let at = 0;
  for (let i = 0; i < length - 1; i++) {
    const rank = table.find(symbols[i]!, symbols[i + 1]!);
    ranks[i] = rank;
    if (rank < best) {
      best = rank;
      at = i;
    }
  }
  while (best !== never) {
    const merged = at;
    length--;
    symbols[merged] = table.merged(best);
    if (merged > 0) ranks[merged - 1] = table.find(symbols[merged - 1]!, symbols[merged]!);
    ranks[merged] = merged < length - 1 ? table.find(symbols[merged]!, symbols[merged + 2]!) : never;
    // One pass closes the gap and finds the next pair.
    best = never;
    for (let i = 0; i <= merged; i++) {
      const rank = ranks[i]!;
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
    for (let i = merged + 1; i < length; i++) {
      symbols[i] = symbols[i + 1]!;
      const rank = i < length - 1 ? ranks[i + 1]! : never;
      ranks[i] = rank;
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
  }
  return length;
}

function mergeByQueues(symbols: Int32Array, length: number, table: MergeTable): number {
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  // An entry of a queue that disagrees with this is stale.
  const ranks = new Int32Array(length).fill(never);
  const queues = new RankQueues();
  for (let i = 0; i < length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  const look = (i: number) => {
    const right = next[i]!;
    const rank = right < length ? table.find(symbols[i]!, symbols[right]!) : never;
    ranks[i] = rank;
    if (rank !== never) queues.push(rank, i);
  };
  for (let i = 0; i < length - 1; i++) look(i);
  for (;;) {
    const i = queues.pop();
    if (i < 0) break;
    const rank = queues.poppedRank;
    if (ranks[i] !== rank) continue;
    const right = next[i]!;
    symbols[i] = table.merged(rank);
    ranks[right] = never;
    const after = next[right]!;
    next[i] = after;
    if (after < length) previous[after] = i;
    const before = previous[i]!;
    if (before >= 0) look(before);
    look(i);
  }
  let count = 0;
  for (let i = 0; i < length; i = next[i]!) symbols[count++] = symbols[i]!;
  return count;
}
