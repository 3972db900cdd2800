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

  /**
   * The ids of one text; lone surrogates become U+FFFD.
   * Throws TOKENIZER_INPUT when `text` is no string, TOKENIZER_TOO_LONG when it has more than `maxLength` ids and truncation is off.
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    return { ids: this.#row(text, this.#limits(options)) };
  }

  /** The ids of several texts as one rectangle, [batch, length]. Throws as `encode` does. */
  encodeBatch(texts: readonly string[], options: BatchOptions = {}): BatchEncoding {
    if (!Array.isArray(texts)) {
      throw new TokenizerError({
        code: 'TOKENIZER_INPUT',
        message: `encodeBatch was given ${describe(texts)}, but an array of strings was expected.`,
        fix: 'For one text call encode.',
      });
    }
    const all: BatchOptions = { ...this.#parts.defaults, ...options };
    const maxLength = all.maxLength ?? (all.padding === 'max' ? this.#parts.modelMaxLength : undefined);
    const limits = this.#limits({ ...all, ...(maxLength === undefined ? {} : { maxLength }) });
    return this.pad(
      texts.map((text) => this.#row(text, limits)),
      all,
    );
  }

  /** Rows of ids as one rectangle, [batch, length], padded as `encodeBatch` does. Throws TOKENIZER_OPTIONS when they cannot be. */
  pad(rows: readonly Int32Array[], { padding = 'longest', maxLength = this.#parts.modelMaxLength }: BatchOptions = {}): BatchEncoding {
    if (padding === false) return stackRows(rows);
    if (padding === 'max' && maxLength === undefined) {
      throw new TokenizerError({
        code: 'TOKENIZER_OPTIONS',
        message: "padding: 'max' needs a length, but neither maxLength nor the model gives one.",
        fix: 'Pass maxLength.',
      });
    }
    return padBatch(rows, padding === 'max' ? maxLength : undefined, this.#parts.padding);
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

  #limits({ addSpecialTokens = true, truncation = false, maxLength }: EncodeOptions): Limits {
    const { before, after } = addSpecialTokens ? this.#parts : { before: [], after: [] };
    const limit = maxLength ?? (truncation ? this.#parts.modelMaxLength : undefined);
    checkMaxLength(limit, truncation === true ? before.length + after.length : 0);
    return { before, after, truncation, limit: limit ?? Number.POSITIVE_INFINITY };
  }

  #row(text: string, { before, after, truncation, limit }: Limits): Int32Array {
    checkText(text);
    const out = new IdBuffer();
    out.pushAll(before);
    this.#parts.encode(text, out);
    const excess = out.length + after.length - limit;
    if (excess <= 0) {
      out.pushAll(after);
      return out.slice();
    }
    if (truncation === false) throw tooLong(text, out.length + after.length, limit);
    if (truncation === 'tail') {
      out.pushAll(after);
      return out.slice().slice(0, limit);
    }
    const content = out.slice(before.length);
    const kept = this.#parts.truncationSide === 'left' ? content.subarray(excess) : content.subarray(0, content.length - excess);
    return Int32Array.from([...before, ...kept, ...after]);
  }
}

interface Limits {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly truncation: boolean | 'tail';
  /** Infinity where there is none. */
  readonly limit: number;
}

function tooLong(text: string, length: number, limit: number): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_TOO_LONG',
    message: `the text ${describe(text)} has ${length} ids, but at most ${limit} fit.`,
    fix: 'Shorten it, or pass truncation: true.',
  });
}
