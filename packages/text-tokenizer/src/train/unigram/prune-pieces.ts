import type { PieceTrie } from '../../unigram/piece-trie.js';
import type { Lattice } from './lattice.js';
import type { PieceCorpus } from './piece-corpus.js';
import type { Pieces } from './pieces.js';
import { log } from './portable-math.js';

/**
 * Keeps `size` pieces: the characters, and those without which the likelihood of the best cuts falls most. Without a piece, its occurrences
 * are cut as the best way to cut the piece itself says, and those pieces become the more frequent for it (Kudo 2018, section 3.2, as
 * SentencePiece computes it).
 */
export async function prunePieces(
  { text, starts, counts, alphabet }: PieceCorpus,
  pieces: Pieces,
  trie: PieceTrie,
  lattice: Lattice,
  { size, breathe }: { readonly size: number; readonly breathe: () => Promise<void> | undefined },
): Promise<Pieces> {
  const { scores } = pieces;
  const frequencies = new Float64Array(pieces.count);
  let words = 0;
  for (let word = 0; word < counts.length; word++) {
    const count = counts[word]!;
    words += count;
    lattice.read(text, starts[word]!, starts[word + 1]!, trie);
    lattice.viterbi(scores, (piece) => {
      frequencies[piece]! += count;
    });
    if ((word & 127) === 127) await breathe();
  }
  let sum = 0;
  for (const frequency of frequencies) sum += frequency;
  const logSum = log(sum);

  const losses = new Float64Array(pieces.count).fill(Number.NEGATIVE_INFINITY);
  let alternatives: number[] = [];
  const visit = (piece: number) => alternatives.push(piece);
  for (let i = alphabet.length; i < pieces.count; i++) {
    if ((i & 127) === 127) await breathe();
    const frequency = frequencies[i]!;
    if (frequency === 0) continue;
    alternatives = [];
    lattice.read(text, pieces.starts[i]!, pieces.starts[i]! + pieces.lengths[i]!, trie, true);
    // Cut in the best way, the piece itself is divided: nothing needs it.
    if (lattice.viterbi(scores, visit) > scores[i]!) continue;
    const logSumWithout = log(sum + frequency * (alternatives.length - 1));
    let without = 0;
    for (const piece of alternatives) without += log(frequencies[piece]! + frequency) - logSumWithout;
    losses[i] = (frequency / words) * (log(frequency) - logSum - without);
  }
  return keepBest(pieces, losses, alphabet.length, size);
}

/** Of equal losses, those stay that come first. A loss of -Infinity stands for a piece that is not needed at all. */
function keepBest(pieces: Pieces, losses: Float64Array, characters: number, size: number): Pieces {
  const room = Math.max(0, size - characters);
  const sorted = losses.slice(characters).sort();
  const threshold = room === 0 ? Number.POSITIVE_INFINITY : (sorted[sorted.length - room] ?? Number.NEGATIVE_INFINITY);
  let equal = room;
  for (const loss of sorted) if (loss > threshold) equal--;
  return pieces.filter((i) => {
    if (i < characters) return true;
    const loss = losses[i]!;
    return loss > threshold || (loss === threshold && loss !== Number.NEGATIVE_INFINITY && equal-- > 0);
  });
}
