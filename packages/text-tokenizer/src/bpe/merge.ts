import { RankQueues } from './rank-queues.js';

/** Which pairs of tokens merge: a pair has a handle, and a handle a rank (below 2^31 - 1; lower merges first) and a resulting token. */
export interface MergeTable {
  /** A handle, or -1 when the pair does not merge. */
  find(left: number, right: number): number;
  rank(handle: number): number;
  merged(handle: number): number;
}

/** Up to here scanning for the lowest rank is faster than queues. */
const scanLimit = 160;
/** Above every rank; also what a pair that does not merge has. */
const never = 0x7fffffff;

/**
 * Merges `symbols[0..length)` in place, always the pair of lowest rank, leftmost first, until none merges (Sennrich et al. 2016,
 * arXiv 1508.07909), and returns the new length. O(n log n).
 */
export function mergeSymbols(symbols: Int32Array, length: number, table: MergeTable): number {
  if (length < 2) return length;
  return length <= scanLimit ? mergeByScan(symbols, length, table) : mergeByQueues(symbols, length, table);
}

const scanHandles = /* @__PURE__ */ new Int32Array(scanLimit);
const scanRanks = /* @__PURE__ */ new Int32Array(scanLimit);

function mergeByScan(symbols: Int32Array, length: number, table: MergeTable): number {
  const handles = scanHandles;
  const ranks = scanRanks;
  let best = never;
  let at = 0;
  for (let i = 0; i < length - 1; i++) {
    const handle = table.find(symbols[i]!, symbols[i + 1]!);
    const rank = handle < 0 ? never : table.rank(handle);
    handles[i] = handle;
    ranks[i] = rank;
    if (rank < best) {
      best = rank;
      at = i;
    }
  }
  while (best !== never) {
    symbols[at] = table.merged(handles[at]!);
    length--;
    for (let i = at + 1; i < length; i++) {
      symbols[i] = symbols[i + 1]!;
      ranks[i] = ranks[i + 1]!;
      handles[i] = handles[i + 1]!;
    }
    for (let i = at > 0 ? at - 1 : at; i <= at && i < length - 1; i++) {
      const handle = table.find(symbols[i]!, symbols[i + 1]!);
      handles[i] = handle;
      ranks[i] = handle < 0 ? never : table.rank(handle);
    }
    best = never;
    for (let i = 0; i < length - 1; i++) {
      if (ranks[i]! < best) {
        best = ranks[i]!;
        at = i;
      }
    }
  }
  return length;
}

function mergeByQueues(symbols: Int32Array, length: number, table: MergeTable): number {
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  // The rank of the pair that starts here; an entry of a queue that disagrees with it is stale.
  const ranks = new Int32Array(length).fill(never);
  const handles = new Int32Array(length);
  const queues = new RankQueues();
  for (let i = 0; i < length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  const look = (i: number) => {
    const right = next[i]!;
    const handle = right < length ? table.find(symbols[i]!, symbols[right]!) : -1;
    const rank = handle < 0 ? never : table.rank(handle);
    ranks[i] = rank;
    handles[i] = handle;
    if (rank !== never) queues.push(rank, i);
  };
  for (let i = 0; i < length - 1; i++) look(i);
  for (;;) {
    const i = queues.pop();
    if (i < 0) break;
    if (ranks[i] !== queues.poppedRank) continue;
    const right = next[i]!;
    symbols[i] = table.merged(handles[i]!);
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
