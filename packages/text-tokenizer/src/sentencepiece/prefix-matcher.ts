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
    for (let node = 0, i = start; i < text.length; ) {
      const handle = this.#trie.step(node, text.charCodeAt(i++));
      if (handle < 0) break;
      node = this.#trie.node(handle);
      if (this.#trie.piece(handle) >= 0) found = i;
    }
    return found;
  }
}
