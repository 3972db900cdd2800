/**
 * A priority queue that gives equals in the order in which libstdc++'s `std::priority_queue` does, which the library's n-best lists depend on:
 * a hole sinks to the bottom along the better children, and what fills it rises.
 */
export class SentencePieceHeap<T> {
  readonly #items: T[] = [];

  constructor(readonly priority: (item: T) => number) {}

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  /** Takes the item of the highest priority. */
  pop(): T | undefined {
    const items = this.#items;
    const item = items.pop();
    const top = items[0];
    if (item === undefined || top === undefined) return item;
    let hole = 0;
    for (let child = 2; child <= items.length; child = 2 * hole + 2) {
      // The right child, unless there is none or the left one is better.
      if (child === items.length || this.priority(items[child]!) < this.priority(items[child - 1]!)) child--;
      items[hole] = items[child]!;
      hole = child;
    }
    this.#rise(hole, item);
    return top;
  }

  #rise(hole: number, item: T): void {
    const items = this.#items;
    const priority = this.priority(item);
    let at = hole;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!(this.priority(items[parent]!) < priority)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }
}
