import type { Lines } from './count-words.js';
import type { Pace } from './pace.js';
import { sentencePieceLayout } from './sentencepiece-layout.js';
import type { TrainedFiles } from './train-document.js';
import type { UnigramTrainOptions } from './train-options.js';
import { type LearnedPiece, learnPieces } from './unigram/learn-pieces.js';
import { PieceCorpus } from './unigram/piece-corpus.js';

/**
 * In a unigram model every token of the vocabulary can be found in the text, `<0x41>` too. Where its characters are pieces, they can be made
 * the better way to spell it, so that text that happens to look like a byte stays as it is.
 */
const byteTokenCharacters = '<>x0123456789ABCDEF';

/** A unigram language model over pieces, T5's kind. */
export async function trainUnigram(lines: Lines, options: UnigramTrainOptions, maximumWords: number, pace: Pace): Promise<TrainedFiles> {
  const layout = sentencePieceLayout(options, { normalizer: ['NFKC'], collapseSpaces: true, byteFallback: false });
  const { first } = layout;
  const { words, alphabet } = await layout.count(lines, maximumWords, pace, layout.byteFallback ? byteTokenCharacters : '');

  const reserved = new Set(first);
  const pieces = await learnPieces(await PieceCorpus.of(words, alphabet, pace), {
    size: options.vocabularySize - first.length,
    longestPiece: options.maximumPieceLength ?? 16,
    shrinkingFactor: options.shrinkingFactor ?? 0.75,
    pace,
  });
  const learnt = pieces.filter(({ piece }) => !reserved.has(piece));
  const bytes = byteScore(learnt);
  return layout.files({
    type: 'Unigram',
    unk_id: first.indexOf(layout.unknown),
    vocab: [
      ...first.map((token, i) => [token, i < layout.special.length ? 0 : bytes]),
      ...learnt.map(({ piece, score }) => [piece, Math.round(score * 1e6) / 1e6]),
    ],
    byte_fallback: layout.byteFallback,
  });
}

/** Less than any way to spell a byte token in characters. */
function byteScore(pieces: readonly LearnedPiece[]): number {
  return Math.floor(pieces.reduce((least, { score }) => Math.min(least, score), 0) * 7) - 1;
}
