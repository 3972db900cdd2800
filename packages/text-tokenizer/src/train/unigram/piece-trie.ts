import { PieceTrie } from '../../unigram/piece-trie.js';
import type { Pieces } from './pieces.js';

/** All pieces by their characters. */
export async function pieceTrie(text: Int32Array, pieces: Pieces, breathe: () => Promise<void> | undefined): Promise<PieceTrie> {
  const trie = new PieceTrie();
  for (let piece = 0; piece < pieces.count; piece++) {
    const start = pieces.starts[piece]!;
    trie.add(text.subarray(start, start + pieces.lengths[piece]!), piece);
    if ((piece & 1023) === 1023) await breathe();
  }
  return trie;
}
