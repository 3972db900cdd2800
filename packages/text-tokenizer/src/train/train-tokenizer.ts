import { loadTokenizer } from '../load-tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';
import type { Lines } from './count-words.js';
import { trainDocument } from './train-document.js';
import type { TrainOptions } from './train-options.js';

export type {
  ByteLevelBpeTrainOptions,
  SentencePieceBpeTrainOptions,
  SentencePieceSpecialTokens,
  SpecialTokens,
  TrainOptions,
  UnigramTrainOptions,
  WordPieceSpecialTokens,
  WordPieceTrainOptions,
} from './train-options.js';

/**
 * Learns a tokenizer from text in any language: byte-level BPE (GPT-2's kind), BPE over characters as SentencePiece has it, a unigram
 * language model (Kudo 2018, arXiv 1804.10959), or WordPiece (BERT's kind). The lines are streamed, only their distinct words are held; the
 * same lines give the same tokenizer on every machine whose JavaScript knows the same version of Unicode.
 *
 * Throws TOKENIZER_OPTIONS for options that cannot be met (a vocabulary too small: the message says the least), TOKENIZER_INPUT for lines
 * that are not strings, and the signal's reason when aborted.
 */
export async function trainTokenizer(lines: Lines, options: TrainOptions): Promise<Tokenizer> {
  const { document, config } = await trainDocument(lines, options);
  return loadTokenizer(document, config);
}
