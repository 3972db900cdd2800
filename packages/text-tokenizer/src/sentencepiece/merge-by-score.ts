import { type MergeTable, never } from '../bpe/merge.js';
import { MinimumHeap } from '../bpe/minimum-heap.js';

const positions = 2 ** 32;

/**
 * `mergeSymbols` for models in which pieces share a score: of those, the leftmost merges first (`tiers`: what each rank's score is among the
 * scores). Tells every pair that could merge, in the order in which the library finds them.
 */
export function mergeByScore(
  symbols: Int32Array,
  length: number,
  pairs: MergeTable,
  tiers: Int32Array | undefined,
  onPair: (merged: number, left: number, right: number) => void,
): number {
  const next = Int32Array.from(symbols, (_, i) => i + 1);
  const previous = Int32Array.from(symbols, (_, i) => i - 1);
  // The rank of the pair that starts here; an entry of the heap that disagrees with it is stale.
  const ranks = new Int32Array(length).fill(never);
  const heap = new MinimumHeap();
  const look = (i: number) => {
    const right = next[i]!;
    const rank = right < length ? pairs.find(symbols[i]!, symbols[right]!) : never;
    ranks[i] = rank;
    if (rank === never) return;
    onPair(pairs.merged(rank), symbols[i]!, symbols[right]!);
    heap.push((tiers?.[rank] ?? rank) * positions + i);
  };
  for (let i = 0; i < length - 1; i++) look(i);
  while (heap.size > 0) {
    const entry = heap.pop();
    const i = entry % positions;
    const rank = ranks[i]!;
    if (rank === never || (tiers?.[rank] ?? rank) !== (entry - i) / positions) continue;
    const right = next[i]!;
    symbols[i] = pairs.merged(rank);
    ranks[right] = never;
    const after = next[right]!;
    next[i] = after;
    if (after < length) previous[after] = i;
    if (previous[i]! >= 0) look(previous[i]!);
    look(i);
  }
  let count = 0;
  for (let i = 0; i < length; i = next[i]!) symbols[count++] = symbols[i]!;
  return count;
}
