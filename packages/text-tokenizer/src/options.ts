import { describe, optionsError } from './errors.js';
import type { TruncationStrategy } from './pipeline/truncate.js';

export interface EncodeOptions {
  /** A second text: a question's passage, a hypothesis; the post-processor says how the two are joined. */
  readonly pair?: string | undefined;
  /** Put begin and end tokens around the text, as the tokenizer's post-processor says; true by default. */
  readonly addSpecialTokens?: boolean | undefined;
  /**
   * What a special token's spelling (`<|endoftext|>`) in the text becomes: its id (`'parse'`, the default, as in huggingface/tokenizers), the
   * ids of ordinary text (`'text'`), or a TOKENIZER_INPUT error (`'refuse'`). Text of strangers is best encoded as `'text'`.
   */
  readonly specialTokens?: 'parse' | 'text' | 'refuse' | undefined;
  /**
   * What happens to a text of more than `maxLength` ids. `true` cuts it so that begin and end tokens stay, as the Python originals do, and of a
   * pair cuts the longer text (`'longest-first'`); `'only-first'` and `'only-second'` cut one text; `'tail'` cuts the finished sequence, end
   * token included, as transformers.js does; `false` throws TOKENIZER_TOO_LONG when `maxLength` is given, and leaves it otherwise. False by
   * default.
   */
  readonly truncation?: boolean | TruncationStrategy | 'tail' | undefined;
  /** Ids per text, begin and end included; the model's own limit by default. */
  readonly maxLength?: number | undefined;
  /** Give the parts that truncation cuts off, too. */
  readonly overflow?: boolean | undefined;
  /** How many ids each overflowing part shares with the one before it; 0 by default, and of no account where nothing is truncated. */
  readonly stride?: number | undefined;
  /** Tell where each token comes from: `offsets`, `wordIds`, `sequenceIds`. */
  readonly offsets?: boolean | undefined;
}

/** One text, or a pair of them. */
export type TextOrPair = string | readonly [text: string, pair: string];

export interface BatchOptions extends Omit<EncodeOptions, 'pair'> {
  /** To the longest text of the batch (the default), to `maxLength`, or not at all (all must then be of one length). */
  readonly padding?: 'longest' | 'max' | false | undefined;
  /** Where the padding goes; the tokenizer's own side by default. */
  readonly paddingSide?: 'left' | 'right' | undefined;
  /** Round the length up to a multiple of this. */
  readonly multipleOf?: number | undefined;
}

const flag = [true, false];
/** What an option may be, or the least whole number that it may be. */
const known: Readonly<Record<string, readonly unknown[] | number>> = {
  addSpecialTokens: flag,
  overflow: flag,
  offsets: flag,
  skipSpecialTokens: flag,
  specialTokens: ['parse', 'text', 'refuse'],
  truncation: [true, false, 'longest-first', 'only-first', 'only-second', 'tail'],
  padding: ['longest', 'max', false],
  paddingSide: ['left', 'right'],
  maxLength: 1,
  multipleOf: 1,
  stride: 0,
};

/** `options` over `defaults`: undefined counts as absent, null does not. Throws TOKENIZER_OPTIONS for values that cannot be meant. */
export function settle<Options extends object>(options: Options, defaults?: Options): Options {
  if (typeof options !== 'object' || options === null) {
    throw optionsError(`the options are ${describe(options)}, but an object was expected.`, 'Leave them out for the defaults.');
  }
  const all: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    all[name] = value;
    const allowed = Object.hasOwn(known, name) ? known[name] : undefined;
    if (allowed === undefined) continue;
    const list = typeof allowed === 'object';
    if (list ? allowed.includes(value) : Number.isSafeInteger(value) && value >= allowed) continue;
    // Python's names for the same.
    const meant = name !== 'padding' ? undefined : value === true ? 'longest' : value === 'max_length' ? 'max' : undefined;
    throw optionsError(
      `${name} is ${describe(value)}, but ${list ? `one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}` : `a whole number of at least ${allowed}`} was expected.`,
      meant === undefined ? 'Leave it out for its default.' : `Pass padding: '${meant}'.`,
    );
  }
  return all as Options;
}
