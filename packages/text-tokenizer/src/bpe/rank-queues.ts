import { MinimumHeap } from './minimum-heap.js';

/**
 * A priority queue of positions by rank, then by position. A word of a megabyte has few ranks at a time and its positions come almost in
 * order, so there is a queue for each rank, which becomes a heap only when a position comes out of order.
 */
export class RankQueues {
  readonly #queues = new Map<number, PositionQueue>();
  readonly #ranks = new MinimumHeap();
  /** The queue that was last pushed to, and the one that was last popped from. */
  #last = new PositionQueue(-1);
  #popped = new PositionQueue(-1);
  /** The rank of what `pop` gave last. */
  poppedRank = -1;

  push(rank: number, position: number): void {
    if (rank !== this.#last.rank) {
      let queue = this.#queues.get(rank);
      if (queue === undefined) {
        queue = new PositionQueue(rank);
        this.#queues.set(rank, queue);
        this.#ranks.push(rank);
      }
      this.#last = queue;
    }
    this.#last.push(position);
  }

  /** Takes the leftmost position of the lowest rank; -1 when there is none. */
  pop(): number {
    while (this.#ranks.size > 0) {
      const rank = this.#ranks.least;
      const queue = rank === this.#popped.rank ? this.#popped : this.#queues.get(rank)!;
      this.#popped = queue;
      const position = queue.pop();
      if (position >= 0) {
        this.poppedRank = rank;
        return position;
      }
      this.#ranks.pop();
      this.#queues.delete(rank);
      if (this.#last === queue) this.#last = new PositionQueue(-1);
      this.#popped = new PositionQueue(-1);
    }
    return -1;
  }
}

/** Positions, least first. */
class PositionQueue {
  #sorted: number[] = [];
  #head = 0;
  #heap: MinimumHeap | undefined;

  constructor(readonly rank: number) {}

  push(position: number): void {
    if (this.#heap === undefined) {
      if (this.#sorted.length === this.#head || position >= this.#sorted[this.#sorted.length - 1]!) {
        this.#sorted.push(position);
        return;
      }
      // What is sorted is a heap already.
      this.#heap = new MinimumHeap(this.#sorted.slice(this.#head));
    }
    this.#heap.push(position);
  }

  pop(): number {
    if (this.#heap !== undefined) return this.#heap.pop();
    return this.#head < this.#sorted.length ? this.#sorted[this.#head++]! : -1;
  }
}
