/** U+2581, which stands for a space. */
const space = 0x2581;

/**
 * Where a text may be cut before a `▁` so that the parts can be merged by themselves: where no token that merges make has the two characters
 * side by side. Models without a pre-tokenizer see whole texts; cut, these are words that repeat.
 */
export class CharacterCuts {
  /** The units that some token has before a `▁`. */
  readonly #before = new Set([space]);

  /** Give it what every merge makes. */
  constructor(merged: Iterable<string>) {
    for (const token of merged) {
      for (let at = token.indexOf('▁', 1); at > 0; at = token.indexOf('▁', at + 1)) this.#before.add(token.charCodeAt(at - 1));
    }
  }

  /** The first cut after `start`, or `end`. */
  next(text: string, start: number, end: number): number {
    for (let i = start + 1; i < end; i++) {
      if (text.charCodeAt(i) === space && !this.#before.has(text.charCodeAt(i - 1))) return i;
    }
    return end;
  }
}
