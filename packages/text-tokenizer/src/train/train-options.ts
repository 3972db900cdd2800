import type { CallOptions } from '@polymodal/modality-registry';
import { describe, optionsError } from '../errors.js';

export interface SpecialTokens {
  /** Fills batches; gets id 0. */
  readonly padding?: string | undefined;
  /** Goes before every text; with `end` it gets the highest ids, as in CLIP, so that the end of a text is where the largest id is. */
  readonly begin?: string | undefined;
  /** Goes after every text. */
  readonly end?: string | undefined;
  /** Further special tokens, after the padding. */
  readonly additional?: readonly string[] | undefined;
}

/** The special tokens get the first ids, in the order in which they stand here. */
export interface SentencePieceSpecialTokens {
  /** Stands for what no piece spells; `<unk>` by default. */
  readonly unknown?: string | undefined;
  /** Goes before every text, such as `<s>`. */
  readonly begin?: string | undefined;
  /** Goes after every text, such as `</s>`. */
  readonly end?: string | undefined;
  /** Fills batches. */
  readonly padding?: string | undefined;
  readonly additional?: readonly string[] | undefined;
}

/** The special tokens get the first ids, in the order in which they stand here. */
export interface WordPieceSpecialTokens {
  /** `[PAD]` by default. */
  readonly padding?: string | undefined;
  /** A word that cannot be spelt; `[UNK]` by default. */
  readonly unknown?: string | undefined;
  /** Goes before every text; `[CLS]` by default. */
  readonly begin?: string | undefined;
  /** Goes after every text, and between the two of a pair; `[SEP]` by default. */
  readonly end?: string | undefined;
  /** `[MASK]` by default. */
  readonly mask?: string | undefined;
  readonly additional?: readonly string[] | undefined;
}

interface CommonTrainOptions extends CallOptions {
  /** All ids: special tokens, bytes or characters, and what is learnt. Fewer come out when the text holds too little. */
  readonly vocabularySize: number;
  /**
   * Distinct words that are held at once, 4,000,000 by default; a word of more than 64 UTF-16 units counts as several. Beyond it, the rarest
   * are forgotten, and count from nothing when they come again.
   */
  readonly maximumWords?: number | undefined;
  /** Ids that the model takes, begin and end included; written to tokenizer_config.json. */
  readonly modelMaxLength?: number | undefined;
}

export interface ByteLevelBpeTrainOptions extends CommonTrainOptions {
  readonly kind: 'byte-level-bpe';
  readonly specialTokens?: SpecialTokens | undefined;
  /** Applied to every text, in this order, when training and when encoding. */
  readonly normalizer?: readonly ('NFC' | 'NFKC' | 'Lowercase')[] | undefined;
  /** Treat the first word of a text like the others, which follow a space; then `decode` gives that space back. False by default. */
  readonly addPrefixSpace?: boolean | undefined;
  /**
   * A character class, such as `[一-鿿]`, whose characters stand alone: merges never join them with their neighbours. Write it with literal
   * ranges, which every implementation of tokenizer.json reads alike. With `addPrefixSpace`, each is then one token wherever it stands.
   */
  readonly isolate?: string | undefined;
  /** Pairs that occur less often are not merged; 2 by default. */
  readonly minimumCount?: number | undefined;
}

interface SentencePieceTrainOptions extends CommonTrainOptions {
  readonly specialTokens?: SentencePieceSpecialTokens | undefined;
  /** Applied to every text, in this order, when training and when encoding; by default none for BPE, `['NFKC']` for Unigram. */
  readonly normalizer?: readonly ('NFC' | 'NFKC' | 'Lowercase')[] | undefined;
  /** Make one space of several, and none of those around a text; by default false for BPE, true for Unigram. */
  readonly collapseSpaces?: boolean | undefined;
  /** Spell what the vocabulary does not cover as UTF-8 bytes, `<0x00>` to `<0xFF>`; by default true for BPE, false for Unigram. */
  readonly byteFallback?: boolean | undefined;
  /** Other ids for special tokens, among the first: T5 has `{ padding: 0, end: 1, unknown: 2 }`. The rest keep their order. */
  readonly specialIds?: Readonly<Partial<Record<'unknown' | 'begin' | 'end' | 'padding', number>>> | undefined;
  /** Treat the first word of a text like the others, which follow a space; true by default. */
  readonly addPrefixSpace?: boolean | undefined;
  /** Which part of the text's characters the vocabulary covers, the most frequent ones first; 0.9995 by default. */
  readonly characterCoverage?: number | undefined;
  /** Pieces hold characters of one script, digits and punctuation apart; true by default. */
  readonly splitByScript?: boolean | undefined;
  /** Characters in a piece, the space sign included; 16 by default. */
  readonly maximumPieceLength?: number | undefined;
}

export interface SentencePieceBpeTrainOptions extends SentencePieceTrainOptions {
  readonly kind: 'sentencepiece-bpe';
  /** Pairs that occur less often are not merged; 2 by default. */
  readonly minimumCount?: number | undefined;
}

export interface UnigramTrainOptions extends SentencePieceTrainOptions {
  readonly kind: 'unigram';
  /** The part of the pieces that each pruning leaves; 0.75 by default. */
  readonly shrinkingFactor?: number | undefined;
}

export interface WordPieceTrainOptions extends CommonTrainOptions {
  readonly kind: 'wordpiece';
  readonly specialTokens?: WordPieceSpecialTokens | undefined;
  /** True by default. */
  readonly lowercase?: boolean | undefined;
  /** By default what `lowercase` is, as in BERT. */
  readonly stripAccents?: boolean | undefined;
  /** Drop control characters, and make a space of every other white space; true by default. */
  readonly cleanText?: boolean | undefined;
  /** Chinese characters stand alone; true by default. */
  readonly splitChinese?: boolean | undefined;
  /** Before every piece that does not begin a word; `##` by default. */
  readonly continuingPrefix?: string | undefined;
  /** Characters that the vocabulary holds, the most frequent ones; words with others are unknown. 1,000 by default. */
  readonly maximumAlphabet?: number | undefined;
  /** Pairs that occur less often are not merged; 2 by default. */
  readonly minimumCount?: number | undefined;
}

export type TrainOptions = ByteLevelBpeTrainOptions | SentencePieceBpeTrainOptions | UnigramTrainOptions | WordPieceTrainOptions;

/** Throws TOKENIZER_OPTIONS unless `size` has room for what cannot be left out. */
export function checkSize(size: number, least: number, what: string): void {
  if (Number.isInteger(size) && size >= least && size <= 1_000_000) return;
  throw optionsError(
    `vocabularySize is ${describe(size)}, but a whole number from ${least} (${what}) to 1000000 was expected.`,
    'Raise vocabularySize.',
  );
}

/** Special tokens must be told apart from each other and from characters. */
export function checkSpecialTokens(tokens: readonly string[]): void {
  const odd = tokens.findIndex((token, i) => typeof token !== 'string' || token.length < 2 || tokens.indexOf(token) !== i);
  if (odd >= 0)
    throw optionsError(
      `the special token ${describe(tokens[odd])} is used twice, or shorter than two characters.`,
      'Write it as <|name|>.',
    );
}

type Range = readonly [least: number, most: number, whole: boolean];

const ranges: Readonly<Record<string, Range>> = {
  maximumWords: [1000, 2 ** 24 - 1, true],
  modelMaxLength: [1, Number.MAX_SAFE_INTEGER, true],
  minimumCount: [1, Number.POSITIVE_INFINITY, false],
  maximumPieceLength: [1, 64, true],
  maximumAlphabet: [1, 1_000_000, true],
  characterCoverage: [0.5, 1, false],
  shrinkingFactor: [0.1, 0.95, false],
};

type Names<Options> = { readonly [Name in Exclude<keyof Options, 'kind'>]-?: string };

/** Options by the type of their values. */
const common: Names<CommonTrainOptions> & { readonly specialTokens: string } = {
  vocabularySize: 'number',
  maximumWords: 'number',
  modelMaxLength: 'number',
  specialTokens: 'object',
  signal: 'object',
  onProgress: 'function',
};
const pieces: Names<SentencePieceTrainOptions & Pick<UnigramTrainOptions, 'normalizer' | 'collapseSpaces' | 'byteFallback'>> = {
  ...common,
  specialIds: 'object',
  addPrefixSpace: 'boolean',
  characterCoverage: 'number',
  splitByScript: 'boolean',
  maximumPieceLength: 'number',
  normalizer: 'object',
  collapseSpaces: 'boolean',
  byteFallback: 'boolean',
};
const known: { readonly [Kind in TrainOptions['kind']]: Names<Extract<TrainOptions, { readonly kind: Kind }>> } = {
  'byte-level-bpe': { ...common, normalizer: 'object', addPrefixSpace: 'boolean', isolate: 'string', minimumCount: 'number' },
  'sentencepiece-bpe': { ...pieces, minimumCount: 'number' },
  unigram: { ...pieces, shrinkingFactor: 'number' },
  wordpiece: {
    ...common,
    lowercase: 'boolean',
    stripAccents: 'boolean',
    cleanText: 'boolean',
    splitChinese: 'boolean',
    continuingPrefix: 'string',
    maximumAlphabet: 'number',
    minimumCount: 'number',
  },
};
const roles = ['padding', 'begin', 'end'];
const rolesOf: Readonly<Record<TrainOptions['kind'], readonly string[]>> = {
  'byte-level-bpe': roles,
  'sentencepiece-bpe': [...roles, 'unknown'],
  unigram: [...roles, 'unknown'],
  wordpiece: [...roles, 'unknown', 'mask'],
};

/** Names that this kind knows, with values of the right type. */
function checkNames({ kind, ...options }: TrainOptions): void {
  // The one who chooses by the kind refuses others.
  if (!Object.hasOwn(known, kind)) return;
  const types = new Map<string, string>(Object.entries(known[kind]));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const type = types.get(name);
    if (type === undefined)
      throw optionsError(`${kind} has no option ${describe(name)}; it has ${[...types.keys()].join(', ')}.`, 'Leave it out.');
    if (value === null || typeof value !== type) {
      throw optionsError(`${name} is ${describe(value)}, but a value of type ${type} was expected.`, 'Leave it out for its default.');
    }
  }
  for (const [role, token] of Object.entries(options.specialTokens ?? {})) {
    const fits = role === 'additional' ? Array.isArray(token) : rolesOf[kind].includes(role) && typeof token === 'string';
    if (token === undefined || fits) continue;
    throw optionsError(
      `specialTokens.${role} is ${describe(token)}, but ${rolesOf[kind].join(', ')}, each a string, and additional, an array of strings, were expected.`,
      "Pass { padding: '<pad>' }, by what each token is for.",
    );
  }
}

/** What can be said before the text is read; throws TOKENIZER_OPTIONS. */
export function checkOptions(options: TrainOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw optionsError(
      `the options are ${describe(options)}, but kind and vocabularySize are needed.`,
      "Pass { kind: 'byte-level-bpe', vocabularySize: 8000 }.",
    );
  }
  checkNames(options);
  for (const [name, [least, most, whole]] of Object.entries(ranges)) {
    const value = (options as unknown as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) continue;
    throw optionsError(
      `${name} is ${describe(value)}, but ${whole ? 'a whole number' : 'a number'} from ${least} to ${most} was expected.`,
      'Leave it out for its default.',
    );
  }
  if ('normalizer' in options && options.normalizer !== undefined && !Array.isArray(options.normalizer))
    throw optionsError(`normalizer is ${describe(options.normalizer)}, but an array was expected.`, "Pass ['NFKC', 'Lowercase'].");
}
