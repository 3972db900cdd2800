/** A growing Int32Array: ids of a long text without an array of boxed numbers. */
export class IdBuffer {
  #data = new Int32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(id: number): void {
    if (this.#length === this.#data.length) this.#grow(this.#length + 1);
    this.#data[this.#length++] = id;
  }

  pushAll(ids: ArrayLike<number>): void {
    const end = this.#length + ids.length;
    if (end > this.#data.length) this.#grow(end);
    this.#data.set(ids, this.#length);
    this.#length = end;
  }

  /** Appends `ids[start..end)`: a loop, since a subarray costs more than the few ids of a word. */
  pushRange(ids: Int32Array, start: number, end: number): void {
    let length = this.#length;
    if (length + end - start > this.#data.length) this.#grow(length + end - start);
    const data = this.#data;
    for (let i = start; i < end; i++) data[length++] = ids[i]!;
    this.#length = length;
  }

  /** Empties it; a buffer that one enormous text has filled gives its memory back. */
  clear(): void {
    if (this.#data.length > 2 ** 20) this.#data = new Int32Array(64);
    this.#length = 0;
  }

  at(index: number): number {
    return this.#data[index]!;
  }

  /** Takes out [start, end). */
  remove(start: number, end: number): void {
    this.#data.copyWithin(start, end, this.#length);
    this.#length -= end - start;
  }

  /** A copy of the ids from `start` on. */
  slice(start = 0): Int32Array {
    return this.#data.slice(start, this.#length);
  }

  #grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.#data.length * 2));
    larger.set(this.#data);
    this.#data = larger;
  }
}
