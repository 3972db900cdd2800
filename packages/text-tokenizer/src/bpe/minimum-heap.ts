/** A binary heap of numbers from 0. */
export class MinimumHeap {
  readonly #items: number[];

  /** `items` must be a heap already, such as a sorted list. */
  constructor(items: number[] = []) {
    this.#items = items;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least number, of a heap that is not empty. */
  get least(): number {
    return this.#items[0]!;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the least number; -1 when there is none. */
  pop(): number {
    const items = this.#items;
    const item = items.pop();
    if (item === undefined) return -1;
    const size = items.length;
    if (size === 0) return item;
    const top = items[0]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= item) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return top;
  }
}
