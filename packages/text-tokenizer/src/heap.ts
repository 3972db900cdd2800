/**
 * A priority queue that gives equals in the order in which libstdc++'s `std::priority_queue` does, which SentencePiece's n-best lists depend on:
 * a hole sinks to the bottom along the better children, and what fills it rises.
 */
export class Heap<T> {
  readonly #items: T[] = [];

  constructor(readonly isBetter: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  /** Takes the best item. */
  pop(): T | undefined {
    const items = this.#items;
    const item = items.pop();
    const top = items[0];
    if (item === undefined || top === undefined) return item;
    let hole = 0;
    for (let child = 2; child <= items.length; child = 2 * hole + 2) {
      // The right child, unless there is none or the left one is better.
      if (child === items.length || this.isBetter(items[child - 1]!, items[child]!)) child--;
      items[hole] = items[child]!;
      hole = child;
    }
    this.#rise(hole, item);
    return top;
  }

  #rise(hole: number, item: T): void {
    const items = this.#items;
    let at = hole;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBetter(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }
}
