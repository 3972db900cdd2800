import type { TruncationStrategy } from './pipeline/truncate.js';

export interface EncodeOptions {
  /** A second text: a question's passage, a hypothesis; the post-processor says how the two are joined. */
  readonly pair?: string;
  /** Put begin and end tokens around the text, as the tokenizer's post-processor says; true by default. */
  readonly addSpecialTokens?: boolean;
  /**
   * What a special token's spelling (`<|endoftext|>`) in the text becomes: its id (`'parse'`, the default, as in huggingface/tokenizers), the
   * ids of ordinary text (`'text'`), or a TOKENIZER_INPUT error (`'refuse'`). Text of strangers is best encoded as `'text'`.
   */
  readonly specialTokens?: 'parse' | 'text' | 'refuse';
  /**
   * What happens to a text of more than `maxLength` ids. `true` cuts it so that begin and end tokens stay, as the Python originals do, and of a
   * pair cuts the longer text (`'longest-first'`); `'only-first'` and `'only-second'` cut one text; `'tail'` cuts the finished sequence, end
   * token included, as transformers.js does; `false` throws TOKENIZER_TOO_LONG when `maxLength` is given, and leaves it otherwise. False by
   * default.
   */
  readonly truncation?: boolean | TruncationStrategy | 'tail';
  /** Ids per text, begin and end included; the model's own limit by default. */
  readonly maxLength?: number;
  /** Give the parts that truncation cuts off, too. */
  readonly overflow?: boolean;
  /** How many ids each overflowing part shares with the one before it; 0 by default. */
  readonly stride?: number;
  /** Tell where each token comes from: `offsets`, `wordIds`, `sequenceIds`. */
  readonly offsets?: boolean;
}

/** One text, or a pair of them. */
export type TextOrPair = string | readonly [text: string, pair: string];

export interface BatchOptions extends Omit<EncodeOptions, 'pair'> {
  /** To the longest text of the batch (the default), to `maxLength`, or not at all (all must then be of one length). */
  readonly padding?: 'longest' | 'max' | false;
  /** Where the padding goes; the tokenizer's own side by default. */
  readonly paddingSide?: 'left' | 'right';
  /** Round the length up to a multiple of this. */
  readonly multipleOf?: number;
}
