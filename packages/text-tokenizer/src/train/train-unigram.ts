import { chooseAlphabet, countCharacters } from './alphabet.js';
import type { Lines } from './count-words.js';
import type { Pace } from './pace.js';
import { sentencePieceLayout, space } from './sentencepiece-layout.js';
import type { TrainedFiles } from './train-document.js';
import { checkSize, type UnigramTrainOptions } from './train-options.js';
import { type LearnedPiece, learnPieces } from './unigram/learn-pieces.js';
import { PieceCorpus } from './unigram/piece-corpus.js';

/** A unigram language model over pieces, T5's kind. */
export async function trainUnigram(lines: Lines, options: UnigramTrainOptions, maximumWords: number, pace: Pace): Promise<TrainedFiles> {
  const layout = sentencePieceLayout(options, { normalizer: ['NFKC'], collapseSpaces: true, byteFallback: false });
  const { first } = layout;
  checkSize(options.vocabularySize, first.length + 1, `${first.length} special and byte tokens, and characters`);
  const words = await layout.count(lines, maximumWords, pace);
  const alphabet = chooseAlphabet(await countCharacters(words, pace), { coverage: options.characterCoverage ?? 0.9995, always: space });
  checkSize(
    options.vocabularySize,
    first.length + alphabet.length,
    `${first.length} special and byte tokens, ${alphabet.length} characters`,
  );

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

/** Less than any way to spell `<0x00>` in characters, so that text that happens to look so is not taken for a byte. */
function byteScore(pieces: readonly LearnedPiece[]): number {
  return Math.floor(pieces.reduce((least, { score }) => Math.min(least, score), 0) * 7) - 1;
}
