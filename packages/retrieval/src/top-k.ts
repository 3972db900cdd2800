/** The slots of the largest scores, best first. */
export interface TopK {
  readonly slots: Int32Array;
  readonly scores: Float64Array;
}

/**
 * Keeps the `k` best of a stream of (slot, score) in a bounded min-heap: O(n log k) time, O(k) memory. Of equal scores the lower
 * slot wins, so the result does not depend on the order of arrival.
 */
export function topKCollector(k: number): { offer(slot: number, score: number): void; finish(): TopK } {
  const slots = new Int32Array(k);
  const scores = new Float64Array(k);
  let size = 0;

  /** Whether heap node `a` ranks below node `b`: the root is the worst of what is kept. */
  const below = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a]! === scores[b]! && slots[a]! > slots[b]!);
  const swap = (a: number, b: number) => {
    const slot = slots[a]!;
    const score = scores[a]!;
    slots[a] = slots[b]!;
    scores[a] = scores[b]!;
    slots[b] = slot;
    scores[b] = score;
  };
  const siftUp = (start: number) => {
    for (let node = start; node > 0; ) {
      const parent = (node - 1) >> 1;
      if (!below(node, parent)) return;
      swap(node, parent);
      node = parent;
    }
  };
  const siftDown = (length: number) => {
    for (let node = 0; ; ) {
      let worst = node;
      const left = 2 * node + 1;
      if (left < length && below(left, worst)) worst = left;
      if (left + 1 < length && below(left + 1, worst)) worst = left + 1;
      if (worst === node) return;
      swap(node, worst);
      node = worst;
    }
  };

  return {
    offer(slot, score) {
      if (size < k) {
        slots[size] = slot;
        scores[size] = score;
        siftUp(size++);
        return;
      }
      if (k === 0 || score < scores[0]! || (score === scores[0]! && slot > slots[0]!)) return;
      slots[0] = slot;
      scores[0] = score;
      siftDown(k);
    },
    finish() {
      // Heap sort in place: each step moves the worst that is left behind the others.
      for (let end = size - 1; end > 0; end--) {
        swap(0, end);
        siftDown(end);
      }
      return { slots: slots.subarray(0, size), scores: scores.subarray(0, size) };
    },
  };
}
