import type { PairTable } from './pair-table.js';

/** Up to here scanning for the lowest rank is faster than a heap. */
const scanLimit = 40;
/** Above every rank; also what a pair that does not merge has. */
const never = 0x7fffffff;

/**
 * Merges `symbols[0..length)` in place, always the pair of lowest rank, leftmost first, until none merges (Sennrich et al. 2016,
 * arXiv 1508.07909), and returns the new length. O(n log n).
 */
export function mergeSymbols(symbols: Int32Array, length: number, pairs: PairTable): number {
  if (length < 2) return length;
  return length <= scanLimit ? mergeByScan(symbols, length, pairs) : mergeByHeap(symbols, length, pairs);
}

const scanHandles = /* @__PURE__ */ new Int32Array(scanLimit);
const scanRanks = /* @__PURE__ */ new Int32Array(scanLimit);

function mergeByScan(symbols: Int32Array, length: number, pairs: PairTable): number {
  const handles = scanHandles;
  const ranks = scanRanks;
  const look = (i: number) => {
    const handle = pairs.find(symbols[i]!, symbols[i + 1]!);
    handles[i] = handle;
    ranks[i] = handle < 0 ? never : pairs.rank(handle);
  };
  for (let i = 0; i < length - 1; i++) look(i);
  while (length > 1) {
    let best = never;
    let at = 0;
    for (let i = 0; i < length - 1; i++) {
      if (ranks[i]! < best) {
        best = ranks[i]!;
        at = i;
      }
    }
    if (best === never) break;
    symbols[at] = pairs.merged(handles[at]!);
    for (let i = at + 1; i < length - 1; i++) {
      symbols[i] = symbols[i + 1]!;
      ranks[i] = ranks[i + 1]!;
      handles[i] = handles[i + 1]!;
    }
    length--;
    if (at > 0) look(at - 1);
    if (at < length - 1) look(at);
  }
  return length;
}

function mergeByHeap(symbols: Int32Array, length: number, pairs: PairTable): number {
  const next = new Int32Array(length);
  const previous = new Int32Array(length);
  // The handle of the pair that starts here, or -1; an entry of the heap that disagrees with it is stale.
  const handles = new Int32Array(length).fill(-1);
  const heap = new MinimumHeap(length * 2);
  const look = (i: number) => {
    const right = next[i]!;
    const handle = right < length ? pairs.find(symbols[i]!, symbols[right]!) : -1;
    handles[i] = handle;
    if (handle >= 0) heap.push(pairs.rank(handle) * 0x1_0000_0000 + i);
  };
  for (let i = 0; i < length; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  for (let i = 0; i < length - 1; i++) look(i);
  while (heap.size > 0) {
    const entry = heap.pop();
    const i = entry % 0x1_0000_0000;
    const handle = handles[i]!;
    if (handle < 0 || pairs.rank(handle) !== (entry - i) / 0x1_0000_0000) continue;
    const right = next[i]!;
    symbols[i] = pairs.merged(handle);
    handles[right] = -1;
    next[i] = next[right]!;
    if (next[i]! < length) previous[next[i]!] = i;
    look(i);
    if (previous[i]! >= 0) look(previous[i]!);
  }
  let count = 0;
  for (let i = 0; i < length; i = next[i]!) symbols[count++] = symbols[i]!;
  return count;
}

/** A binary heap of doubles (rank × 2^32 + position, so ties go to the left). */
class MinimumHeap {
  #items: Float64Array;
  size = 0;

  constructor(capacity: number) {
    this.#items = new Float64Array(capacity);
  }

  push(item: number): void {
    if (this.size === this.#items.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    const items = this.#items;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number {
    const items = this.#items;
    const top = items[0]!;
    const item = items[--this.size]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= item) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return top;
  }
}
