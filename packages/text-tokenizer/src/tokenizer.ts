import { type BatchEncoding, checkRow, type PaddingStyle, padBatch, padFlat, type Row, type Shape } from './batch.js';
import { assemble, cut, type Encoding, trimOffsets } from './encoding.js';
import { checkText, describe, inputError, optionsError, TokenizerError } from './errors.js';
import { IdBuffer } from './id-buffer.js';
import { type BatchOptions, type EncodeOptions, settle, type TextOrPair } from './options.js';
import type { Decoder } from './pipeline/decode-stages.js';
import { isSpecialItem, type Template, type TemplateItem } from './pipeline/template.js';

import type { Sequence, TextEncoder } from './pipeline/text-encoder.js';
import { sharedLengths, windows } from './pipeline/truncate.js';
import { type Frame, makePlan, type Plan } from './plan.js';
import type { Vocabulary } from './vocabulary.js';

export interface DecodeOptions {
  /** Leave out begin, end, padding and the other special tokens; false by default. */
  readonly skipSpecialTokens?: boolean | undefined;
}

/** Text from ids that come one by one. */
export interface DecodeStream {
  /** The text that this id settles, often '': a character waits for its last byte. Throws TOKENIZER_ID. */
  push(id: number | bigint): string;
  /** What was held back, at the end. */
  flush(): string;
}

/** A tokenizer.json as an object. */
export type TokenizerJson = Readonly<Record<string, unknown>>;
/** A tokenizer_config.json as an object. */
export type TokenizerConfigJson = Readonly<Record<string, unknown>>;

/** What a tokenizer is made of; `loadTokenizer`, `trainTokenizer` and `clipTokenizer` put these together. */
export interface TokenizerParts {
  readonly vocabulary: Vocabulary;
  /** Text → ids without begin and end, by what spellings of special tokens become. */
  readonly encoder: (specialTokens: NonNullable<EncodeOptions['specialTokens']>) => TextEncoder;
  readonly decoder: Decoder;
  readonly template: Template;
  readonly specialIds: ReadonlySet<number>;
  /** What decoding takes for some tokens instead of their spelling in the vocabulary. */
  readonly spellings?: ReadonlyMap<number, string>;
  readonly padding: PaddingStyle;
  /** Which end of a long text is cut off. */
  readonly truncationSide: 'left' | 'right';
  /** Ids that the model takes, begin and end included. */
  readonly modelMaxLength: number | undefined;
  /** What `encodeBatch` does when the caller does not say; of these, `encode` takes `specialTokens`. */
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
   * The ids of one text, or of a pair; lone surrogates become U+FFFD. Padding and truncation that the files ask for are done by `encodeBatch`
   * alone: here a text stays whole unless `options` say otherwise.
   * Throws TOKENIZER_OPTIONS for options that cannot be meant, TOKENIZER_INPUT when a text is no string, TOKENIZER_TOO_LONG when there are more than `maxLength` ids and truncation is off.
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const plan = makePlan(this.#parts, settle(options), options.pair !== undefined);
    if (options.pair !== undefined || plan.frame === undefined) return this.#encode(text, options.pair, plan);
    scratch.clear();
    this.#append(text, plan, plan.frame, scratch);
    const ids = scratch.slice();
    return { ids, typeIds: new Int32Array(ids.length) };
  }

  /** The ids of several texts, or pairs, as one rectangle, [batch, length]. Throws as `encode` does. */
  encodeBatch(texts: readonly TextOrPair[], options: BatchOptions = {}): BatchEncoding {
    if (!Array.isArray(texts)) {
      throw inputError(`encodeBatch was given ${describe(texts)}, but an array of strings was expected.`, 'For one text call encode.');
    }
    const all = settle(options, this.#parts.defaults);
    const maxLength = all.maxLength ?? (all.padding === 'max' ? this.#parts.modelMaxLength : undefined);
    const withPairs = texts.some((text) => typeof text !== 'string');
    const plan = makePlan(this.#parts, { ...all, maxLength }, withPairs);
    const withTypes = this.#usesTypes || withPairs;
    if (plan.frame !== undefined && !withPairs) {
      const ids = new IdBuffer();
      const ends = new Int32Array(texts.length);
      for (let i = 0; i < texts.length; i++) {
        this.#append(texts[i] as string, plan, plan.frame, ids);
        ends[i] = ids.length;
      }
      return padFlat(ids, ends, this.#shape(all), withTypes);
    }
    const rows: Row[] = [];
    const sampleIndex: number[] = [];
    texts.forEach((item: TextOrPair, i) => {
      const [text, pair] = Array.isArray(item) ? checkPair(item, i) : [item as string, undefined];
      const row = this.#encode(text, pair, plan);
      for (const each of [row, ...(row.overflowing ?? [])]) {
        rows.push(each);
        sampleIndex.push(i);
      }
    });
    return {
      ...padBatch(rows, this.#shape(all), withTypes),
      ...(all.overflow && { sampleIndex: Int32Array.from(sampleIndex) }),
    };
  }

  /**
   * Rows of ids as one rectangle, [batch, length], padded as `encodeBatch` does. Throws TOKENIZER_INPUT for what is no row of ids,
   * TOKENIZER_TOO_LONG for a row wider than padding: 'max' makes the batch, TOKENIZER_OPTIONS when they cannot be padded.
   */
  pad(rows: readonly (Int32Array | Row)[], options: BatchOptions = {}): BatchEncoding {
    if (!Array.isArray(rows)) {
      throw inputError(`pad was given ${describe(rows)}, but an array of rows was expected.`, 'For texts call encodeBatch.');
    }
    const settled = settle(options, this.#parts.defaults);
    const shape = this.#shape(settled);
    const all = rows.map(checkRow);
    const long = settled.padding === 'max' ? all.findIndex(({ ids }) => ids.length > shape.width) : -1;
    if (long >= 0) throw tooLong(`row ${long}`, all[long]!.ids.length, shape.width);
    return padBatch(
      all,
      shape,
      all.some((row) => row.typeIds !== undefined),
    );
  }

  /** The text of some ids. Throws TOKENIZER_INPUT for what is no list of ids, TOKENIZER_ID for an id that is not in the vocabulary. */
  decode(ids: ArrayLike<number | bigint>, options: DecodeOptions = {}): string {
    checkIds(ids);
    const stream = this.decodeStream(options);
    let text = '';
    for (let i = 0; i < ids.length; i++) text += stream.push(ids[i]!);
    return text + stream.flush();
  }

  /** Decodes ids as they come, from a model that writes: what `push` and `flush` give, joined, is what `decode` gives. */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    const { skipSpecialTokens = false } = settle(options);
    const { vocabulary, specialIds, spellings, decoder } = this.#parts;
    const stage = decoder();
    let text = '';
    const emit = (piece: string) => {
      text += piece;
    };
    const take = () => {
      const taken = text;
      text = '';
      return taken;
    };
    return {
      push(given) {
        const id = plainId(given);
        const token = spellings?.get(id) ?? vocabulary.token(id);
        if (token === undefined) {
          throw new TokenizerError({
            code: 'TOKENIZER_ID',
            message: `the id to decode is ${describe(given)}, but this vocabulary has ids from 0 to ${vocabulary.size - 1}, as numbers or bigints.`,
            fix: 'Check that the ids come from this tokenizer.',
          });
        }
        // As in the original, a special token that the normalizer spells otherwise is not skipped.
        if (!(skipSpecialTokens && specialIds.has(id) && !spellings?.has(id))) stage.push(token, emit);
        return take();
      },
      flush() {
        stage.flush(emit);
        return take();
      },
    };
  }

  /** The id of a token as the vocabulary spells it (`Ġthe`), or undefined. */
  tokenToId(token: string): number | undefined {
    return this.#parts.vocabulary.id(token);
  }

  /** The token of an id as the vocabulary spells it, or undefined. */
  idToToken(id: number | bigint): string | undefined {
    return this.#parts.vocabulary.token(plainId(id));
  }

  /** Is this the id of a begin, end, padding or other special token? */
  isSpecial(id: number | bigint): boolean {
    return this.#parts.specialIds.has(plainId(id));
  }

  /** A tokenizer.json that Python and both transformers.js load with the same ids. */
  toJSON(): TokenizerJson {
    return this.#parts.toJSON();
  }

  /** The tokenizer_config.json that belongs beside it. */
  toConfigJSON(): TokenizerConfigJson {
    return this.#parts.toConfigJSON();
  }

  /** Does the template tell the texts of a pair apart? */
  get #usesTypes(): boolean {
    const { pair } = this.#parts.template;
    return pair.some(isSpecialItem) && pair.some(({ typeId }) => typeId !== 0);
  }

  #encode(text: string, pairText: string | undefined, plan: Plan): Encoding {
    const { encoder, limit, truncation, overflow } = plan;
    const first = sequence(text, encoder, plan.offsets);
    const second = pairText === undefined ? undefined : sequence(pairText, encoder, plan.offsets);
    const items = second === undefined ? plan.single : plan.pair;
    const special = items.filter(isSpecialItem).length;
    const total = first.ids.length + (second?.ids.length ?? 0) + special;
    if (total > limit && truncation === false) throw tooLong(`the text ${describe(text)}`, total, limit);
    if (total <= limit || truncation === false) return this.#finish(items, first, second);
    if (truncation === 'tail') return head(this.#finish(items, first, second), limit);
    const room = Math.max(0, limit - special);
    const lengths = sharedLengths(first.ids.length, second?.ids.length, room, truncation);
    const parts = [first, second].map((whole, i) => (whole === undefined ? [] : this.#windows(whole, lengths[i]!, plan.stride)));
    const [[a, ...as] = [], [b, ...bs] = []] = parts;
    const kept = this.#finish(items, a!, b);
    if (!overflow) return kept;
    // The order of huggingface/tokenizers: what the first text overflows with, joined with every part of the second, comes before the rest.
    const pairs: (readonly [Sequence, Sequence | undefined])[] = [
      ...as.flatMap((part) => [[part, b] as const, ...bs.map((other) => [part, other] as const)]),
      ...bs.map((other) => [a!, other] as const),
    ];
    return { ...kept, overflowing: pairs.map(([x, y]) => this.#finish(items, x, y)) };
  }

  #windows(whole: Sequence, size: number, stride: number): Sequence[] {
    return windows(whole.ids.length, size, stride, this.#parts.truncationSide).map(([start, end]) => cut(whole, start, end));
  }

  #finish(items: readonly TemplateItem[], first: Sequence, second: Sequence | undefined): Encoding {
    const { trimOffsets: trim } = this.#parts.template;
    const token = (id: number) => this.#parts.vocabulary.token(id);
    const trimmed = (part: Sequence) => (trim === undefined ? part : trimOffsets(part, token, trim.addPrefixSpace));
    return assemble(items, trimmed(first), second && trimmed(second));
  }

  #shape(options: BatchOptions): Shape {
    const { padding = 'longest', maxLength = this.#parts.modelMaxLength, paddingSide, multipleOf } = options;
    if (padding === 'max' && maxLength === undefined) {
      throw optionsError("padding: 'max' needs a length, but neither maxLength nor the model gives one.", 'Pass maxLength.');
    }
    const style = this.#parts.padding;
    return {
      ...style,
      side: paddingSide ?? style.side,
      multiple: padding === false ? 1 : (multipleOf ?? style.multiple),
      width: padding === 'max' ? maxLength! : ((options.padding === undefined ? style.fixed : undefined) ?? 0),
      equal: padding === false,
    };
  }

  /** One text without offsets, overflow or a pair: all that a batch of captions needs, written where it belongs. */
  #append(text: string, { encoder, limit, truncation }: Plan, { before, after }: Frame, out: IdBuffer): void {
    checkText(text);
    const start = out.length;
    out.pushAll(before);
    encoder.encode(text, out);
    const excess = out.length - start + after.length - limit;
    if (excess <= 0 || truncation === 'tail') {
      out.pushAll(after);
      if (excess > 0) out.remove(start + limit, out.length);
      return;
    }
    const length = out.length - start - before.length;
    if (truncation === false) throw tooLong(`the text ${describe(text)}`, length + before.length + after.length, limit);
    const [kept] = sharedLengths(length, undefined, length - excess, truncation);
    const content = start + before.length;
    if (this.#parts.truncationSide === 'left') out.remove(content, content + length - kept);
    else out.remove(content + kept, out.length);
    out.pushAll(after);
  }
}

const scratch = /* @__PURE__ */ new IdBuffer();

function sequence(text: string, encoder: TextEncoder, traced: boolean): Sequence {
  checkText(text);
  if (traced) return encoder.trace(text);
  scratch.clear();
  encoder.encode(text, scratch);
  return { ids: scratch.slice() };
}

function tooLong(what: string, length: number, limit: number): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_TOO_LONG',
    message: `${what} has ${length} ids, but at most ${limit} fit.`,
    fix: 'Shorten it, or encode with truncation: true.',
  });
}

/** NaN for what is no id: of null, '' and [7], `Number` would make one. */
function plainId(id: unknown): number {
  return typeof id === 'number' || typeof id === 'bigint' ? Number(id) : Number.NaN;
}

/** Throws unless `ids` can be gone through: of a Set or a tensor the loop would make no text at all, of a string a wrong one. */
function checkIds(ids: unknown): void {
  const { length, data, ids: inner } = (ids ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof ids === 'object' && Number.isInteger(length)) return;
  throw inputError(
    `decode was given ${describe(ids)}, but an array of ids was expected.`,
    data !== undefined ? 'Of a tensor pass ids.data, row by row.' : inner !== undefined ? 'Pass its ids.' : 'Pass an array of numbers.',
  );
}

/** The first ids of a finished encoding. */
function head({ ids, typeIds, offsets, wordIds, sequenceIds }: Encoding, length: number): Encoding {
  return {
    ids: ids.slice(0, length),
    typeIds: typeIds.slice(0, length),
    ...(offsets && { offsets: offsets.slice(0, length) }),
    ...(wordIds && { wordIds: wordIds.slice(0, length) }),
    ...(sequenceIds && { sequenceIds: sequenceIds.slice(0, length) }),
  };
}

function checkPair(item: readonly unknown[], index: number): readonly [string, string] {
  if (item.length === 2 && typeof item[0] === 'string' && typeof item[1] === 'string') return item as [string, string];
  throw inputError(
    `item ${index} of the batch is ${describe(item)}, but a string or a pair of strings was expected.`,
    'Pass [text, pair] for pairs.',
  );
}
