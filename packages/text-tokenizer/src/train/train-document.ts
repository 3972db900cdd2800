import { describe, optionsError } from '../errors.js';
import type { Lines } from './count-words.js';
import { Pace } from './pace.js';
import { trainByteLevelBpe } from './train-byte-level.js';
import { checkOptions, type TrainOptions } from './train-options.js';
import { trainSentencePieceBpe } from './train-sentencepiece-bpe.js';
import { trainUnigram } from './train-unigram.js';
import { trainWordPiece } from './train-wordpiece.js';

export interface TrainedFiles {
  /** tokenizer.json. */
  readonly document: Readonly<Record<string, unknown>>;
  /** tokenizer_config.json. */
  readonly config: Readonly<Record<string, unknown>>;
}

const defaultMaximumWords = 4_000_000;

/** Trains, and writes down what was learnt. */
export async function trainDocument(lines: Lines, options: TrainOptions): Promise<TrainedFiles> {
  checkOptions(options);
  const pace = new Pace(options);
  const maximumWords = options.maximumWords ?? defaultMaximumWords;
  switch (options.kind) {
    case 'byte-level-bpe':
      return trainByteLevelBpe(lines, options, maximumWords, pace);
    case 'sentencepiece-bpe':
      return trainSentencePieceBpe(lines, options, maximumWords, pace);
    case 'unigram':
      return trainUnigram(lines, options, maximumWords, pace);
    case 'wordpiece':
      return trainWordPiece(lines, options, maximumWords, pace);
    default:
      throw optionsError(
        `kind is ${describe((options as { readonly kind: unknown }).kind)}, but 'byte-level-bpe', 'sentencepiece-bpe', 'unigram' or 'wordpiece' was expected.`,
        "Pass kind: 'byte-level-bpe'.",
      );
  }
}
