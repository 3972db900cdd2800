const { imul } = Math;

/** Seeded random choices; the input of one run follows from the seed, the parser's name and the run's number alone. */
export class Dice {
  #state: number;

  constructor(seed: number, name: string, run: number) {
    let state = imul(seed | 0, 0x9e3779b1) ^ imul(run | 0, 0x85ebca6b);
    for (let i = 0; i < name.length; i++) state = imul(state ^ name.charCodeAt(i), 0x01000193);
    this.#state = state;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `bound`. */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** From 0 to `most` things. */
  some<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.integer(most + 1) }, (_, i) => make(i));
  }
}
