import { PieceTrie } from '../unigram/piece-trie.js';

/** Finds user-defined symbols, which are never taken apart. */
export class PrefixMatcher {
  readonly #trie = new PieceTrie();

  /** The symbols by their ids; undefined when there are none. */
  static of(symbols: readonly (readonly [text: string, id: number])[]): PrefixMatcher | undefined {
    if (symbols.length === 0) return undefined;
    const matcher = new PrefixMatcher();
    for (const [text, id] of symbols) matcher.#trie.add(text, id);
    return matcher;
  }

  /** Where the longest symbol ends that begins at `start`, or -1. */
  end(text: string, start: number): number {
    let found = -1;
    this.#trie.match(text, start, (end) => {
      found = end;
    });
    return found;
  }
}
