import type { Pace } from '../pace.js';
import { Lattice } from './lattice.js';
import type { PieceCorpus } from './piece-corpus.js';
import { pieceTrie } from './piece-trie.js';
import type { Pieces } from './pieces.js';
import { digamma, exp, log } from './portable-math.js';
import { prunePieces } from './prune-pieces.js';
import { seedPieces } from './seed-pieces.js';

/** Rounds of expectation and maximisation between two prunings. */
const subIterations = 2;
/** Pieces expected less often are dropped. */
const leastExpected = 0.5;
/** Pruning stops this much above the wanted size; the last ones are then chosen by their probability. */
const overshoot = 1.1;
/** How much less likely than the rarest piece a character is that no cut uses. */
const unusedPenalty = 10;

export interface LearnedPiece {
  readonly piece: string;
  /** Natural logarithm of the piece's probability. */
  readonly score: number;
}

export interface LearnPiecesOptions {
  /** How many pieces to end with, characters included; fewer come out when the text has fewer. */
  readonly size: number;
  readonly longestPiece: number;
  /** How much of the pieces a pruning leaves. */
  readonly shrinkingFactor: number;
  readonly pace: Pace;
}

/**
 * Learns a unigram language model over pieces (Kudo 2018, arXiv 1804.10959, section 3.2): from many seeds, expectation–maximisation with a
 * sparse prior (Liang and Klein 2007, structured Bayesian models: digamma in the maximisation step), and again and again dropping those
 * pieces without which the text's likelihood falls least. All characters stay. Best first.
 */
export async function learnPieces(corpus: PieceCorpus, options: LearnPiecesOptions): Promise<LearnedPiece[]> {
  const { pace, longestPiece, size } = options;
  const characters = corpus.alphabet.length;
  const seeds = await seedPieces(corpus, longestPiece, pace);
  const lattice = new Lattice(corpus.longest, longestPiece);
  const target = Math.max(characters, Math.ceil(size * overshoot));
  const breathe = () => (pace.due ? pace.rest(progress()) : undefined);
  const progress = () => ({
    done: Math.max(0, seeds.count - pieces.count),
    total: Math.max(0, seeds.count - target),
    stage: 'learning pieces',
  });
  let pieces = seeds;
  let rarest = 0;
  const sum = log(pieces.scores.reduce((total, score) => total + score, 0));
  for (let i = 0; i < pieces.count; i++) pieces.scores[i] = log(Math.max(pieces.scores[i]!, 1)) - sum;

  for (;;) {
    for (let i = 0; i < subIterations; i++) {
      const expected = await expectPieces(corpus, pieces, lattice, breathe);
      ({ pieces, rarest } = maximize(pieces, expected, characters));
    }
    if (pieces.count <= target) break;
    const trie = await pieceTrie(corpus.text, pieces, breathe);
    const before = pieces.count;
    pieces = await prunePieces(corpus, pieces, trie, lattice, {
      size: Math.max(target, Math.floor(options.shrinkingFactor * before)),
      breathe,
    });
    if (pieces.count === before) break;
  }
  pace.report({ ...progress(), done: progress().total });
  return finish(corpus, pieces, size, rarest);
}

async function expectPieces(
  { text, starts, counts }: PieceCorpus,
  pieces: Pieces,
  lattice: Lattice,
  breathe: () => Promise<void> | undefined,
): Promise<Float64Array> {
  const trie = await pieceTrie(text, pieces, breathe);
  const probabilities = new Float64Array(pieces.count);
  for (let i = 0; i < pieces.count; i++) probabilities[i] = exp(pieces.scores[i]!);
  const expected = new Float64Array(pieces.count);
  for (let word = 0; word < counts.length; word++) {
    lattice.read(text, starts[word]!, starts[word + 1]!, trie);
    lattice.expect(probabilities, counts[word]!, expected);
    if ((word & 127) === 127) await breathe();
  }
  return expected;
}

/** Also tells the lowest score of a piece that some cut uses; characters below it are unused. */
function maximize(pieces: Pieces, expected: Float64Array, characters: number): { pieces: Pieces; rarest: number } {
  let sum = 0;
  for (const count of expected) if (count >= leastExpected) sum += count;
  const total = digamma(Math.max(sum, leastExpected));
  let rarest = 0;
  for (let i = 0; i < pieces.count; i++) {
    if (expected[i]! < leastExpected) continue;
    pieces.scores[i] = digamma(expected[i]!) - total;
    rarest = Math.min(rarest, pieces.scores[i]!);
  }
  for (let i = 0; i < characters; i++) if (expected[i]! < leastExpected) pieces.scores[i] = rarest - unusedPenalty;
  return { pieces: pieces.filter((i) => i < characters || expected[i]! >= leastExpected), rarest };
}

/** The characters and the likeliest others. An unused character gets the score of the rarest piece, as in SentencePiece. */
function finish({ text, alphabet }: PieceCorpus, pieces: Pieces, size: number, rarest: number): LearnedPiece[] {
  const all = Array.from({ length: pieces.count }, (_, i) => ({
    piece: Array.from(text.subarray(pieces.starts[i]!, pieces.starts[i]! + pieces.lengths[i]!), (at) => alphabet[at]!).join(''),
    score: Math.max(rarest, pieces.scores[i]!),
  }));
  const others = all
    .slice(alphabet.length)
    .sort(better)
    .slice(0, Math.max(0, size - alphabet.length));
  return [...all.slice(0, alphabet.length), ...others].sort(better);
}

function better(a: LearnedPiece, b: LearnedPiece): number {
  return b.score - a.score || (a.piece < b.piece ? -1 : 1);
}
