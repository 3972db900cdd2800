import {
  type BatchEncoding,
  type BatchOptions,
  checkMaxLength,
  type EncodeOptions,
  type PaddingStyle,
  padBatch,
  stackRows,
} from './batch.js';
import { checkText, describe, TokenizerError } from './errors.js';
import { IdBuffer } from './id-buffer.js';
import type { Vocabulary } from './vocabulary.js';

/** One text as ids, begin and end tokens included. */
export interface Encoding {
  readonly ids: Int32Array;
}

export interface DecodeOptions {
  /** Leave out begin, end, padding and the other special tokens; false by default. */
  readonly skipSpecialTokens?: boolean;
}

/** A tokenizer.json as an object. */
export type TokenizerJson = Readonly<Record<string, unknown>>;
/** A tokenizer_config.json as an object. */
export type TokenizerConfigJson = Readonly<Record<string, unknown>>;

/** What a tokenizer is made of; `loadTokenizer`, `trainTokenizer` and `clipTokenizer` put these together. */
export interface TokenizerParts {
  readonly vocabulary: Vocabulary;
  /** Appends the ids of a text, without begin and end. */
  readonly encode: (text: string, out: IdBuffer) => void;
  readonly decode: (tokens: readonly string[]) => string;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly specialIds: ReadonlySet<number>;
  readonly padding: PaddingStyle;
  /** Which end of a long text is cut off. */
  readonly truncationSide: 'left' | 'right';
  /** Ids that the model takes, begin and end included. */
  readonly modelMaxLength: number | undefined;
  /** What `encodeBatch` does when the caller does not say. */
  readonly defaults: BatchOptions;
  readonly toJSON: () => TokenizerJson;
  readonly toConfigJSON: () => TokenizerConfigJson;
}

/** Text ⇄ ids. */
export class Tokenizer {
  readonly #parts: TokenizerParts;

  constructor(parts: TokenizerParts) {
    this.#parts = parts;
  }

  /** One more than the highest id: the rows of an embedding table. */
  get vocabularySize(): number {
    return this.#parts.vocabulary.size;
  }

  /** Ids that the model takes, begin and end included, where the files say so. */
  get modelMaxLength(): number | undefined {
    return this.#parts.modelMaxLength;
  }

  /** The id that fills a batch, where there is one. */
  get paddingId(): number | undefined {
    return this.#parts.padding.id;
  }

  /** The ids of one text. Throws TOKENIZER_INPUT when `text` is no string; lone surrogates become U+FFFD. */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const { before, after } = this.#frame(options);
    const maxLength = options.maxLength ?? this.#parts.modelMaxLength;
    if (options.truncation) checkMaxLength(maxLength, options.truncation === true ? before.length + after.length : 0);
    return { ids: this.#row(text, before, after, options.truncation ?? false, maxLength) };
  }

  /**
   * The ids of several texts as one rectangle, [batch, length].
   * Throws TOKENIZER_TOO_LONG when a text has more than `maxLength` ids and truncation is off.
   */
  encodeBatch(texts: readonly string[], options: BatchOptions = {}): BatchEncoding {
    if (!Array.isArray(texts)) {
      throw new TokenizerError({
        code: 'TOKENIZER_INPUT',
        message: `encodeBatch was given ${describe(texts)}, but an array of strings was expected.`,
        fix: 'For one text call encode.',
      });
    }
    const { padding = 'longest', truncation = false, ...rest } = { ...this.#parts.defaults, ...options };
    const limit = rest.maxLength ?? (truncation || padding === 'max' ? this.#parts.modelMaxLength : undefined);
    const { before, after } = this.#frame(rest);
    checkMaxLength(limit, truncation === true ? before.length + after.length : 0);
    if (padding === 'max' && limit === undefined) {
      throw new TokenizerError({
        code: 'TOKENIZER_OPTIONS',
        message: "padding: 'max' needs a length, but there is none.",
        fix: 'Pass maxLength.',
      });
    }
    const rows = texts.map((text, i) => {
      const row = this.#row(text, before, after, truncation, limit);
      if (limit !== undefined && row.length > limit) throw tooLong(text, i, row.length, limit);
      return row;
    });
    if (padding === false) return stackRows(rows);
    return padBatch(rows, padding === 'max' ? limit : undefined, this.#parts.padding);
  }

  /** The text of some ids. Throws TOKENIZER_ID for an id that is not in the vocabulary. */
  decode(ids: ArrayLike<number | bigint>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const { vocabulary, specialIds, decode } = this.#parts;
    const tokens: string[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = Number(ids[i]);
      const token = vocabulary.token(id);
      if (token === undefined) {
        throw new TokenizerError({
          code: 'TOKENIZER_ID',
          message: `the id at place ${i} is ${describe(ids[i])}, but this vocabulary has ids from 0 to ${vocabulary.size - 1}.`,
          fix: 'Check that the ids come from this tokenizer.',
        });
      }
      if (!(skipSpecialTokens && specialIds.has(id))) tokens.push(token);
    }
    return decode(tokens);
  }

  /** The id of a token as the vocabulary spells it (`Ġthe`), or undefined. */
  tokenToId(token: string): number | undefined {
    return this.#parts.vocabulary.id(token);
  }

  /** The token of an id as the vocabulary spells it, or undefined. */
  idToToken(id: number): string | undefined {
    return this.#parts.vocabulary.token(id);
  }

  /** Is this the id of a begin, end, padding or other special token? */
  isSpecial(id: number): boolean {
    return this.#parts.specialIds.has(id);
  }

  /** A tokenizer.json that Python and both transformers.js load with the same ids. */
  toJSON(): TokenizerJson {
    return this.#parts.toJSON();
  }

  /** The tokenizer_config.json that belongs beside it. */
  toConfigJSON(): TokenizerConfigJson {
    return this.#parts.toConfigJSON();
  }

  #frame({ addSpecialTokens = true }: EncodeOptions): { before: readonly number[]; after: readonly number[] } {
    return addSpecialTokens ? this.#parts : { before: [], after: [] };
  }

  #row(
    text: string,
    before: readonly number[],
    after: readonly number[],
    truncation: boolean | 'tail',
    limit: number | undefined,
  ): Int32Array {
    checkText(text);
    const out = new IdBuffer();
    out.pushAll(before);
    this.#parts.encode(text, out);
    const room = limit === undefined ? Number.POSITIVE_INFINITY : limit - before.length - after.length;
    const count = out.length - before.length;
    if (truncation === true && count > room) {
      const start = this.#parts.truncationSide === 'left' ? count - room : 0;
      const content = out.slice(before.length).subarray(start, start + room);
      return Int32Array.from([...before, ...content, ...after]);
    }
    out.pushAll(after);
    const row = out.slice();
    return truncation === 'tail' && limit !== undefined && row.length > limit ? row.slice(0, limit) : row;
  }
}

function tooLong(text: string, index: number, length: number, limit: number): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_TOO_LONG',
    message: `text ${index} (${describe(text)}) has ${length} ids, but at most ${limit} fit.`,
    fix: 'Shorten it, or pass truncation: true.',
  });
}
