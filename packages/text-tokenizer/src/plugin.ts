import { type CallOptions, definePlugin, type TokenizerPart, type Tokens, throwIfAborted } from '@polymodal/modality-registry';
import type { Row } from './batch.js';
import { describe, inputError, optionsError, type TokenizerError } from './errors.js';
import { type BatchOptions, settle } from './options.js';
import type { Tokenizer } from './tokenizer.js';
import { Pace } from './train/pace.js';

/** The version of this package, which its plugins carry. */
export const VERSION = '0.0.0';

export interface TokenizerPluginOptions extends BatchOptions {
  /** `package/thing`, such as `@acme/captions`. */
  readonly name: string;
  /** This package's version by default. */
  readonly version?: string | undefined;
}

/**
 * A tokenizer as a plugin for the registry, with one tokenizer part for text; `decode` leaves out padding and special tokens. Throws
 * TOKENIZER_OPTIONS without a name, and for options that cannot be meant.
 */
export function tokenizerPlugin(tokenizer: Tokenizer, pluginOptions: TokenizerPluginOptions) {
  const { name, version = VERSION, ...options } = settle(pluginOptions ?? ({} as TokenizerPluginOptions));
  if (typeof name !== 'string')
    throw optionsError(`the name of the plugin is ${describe(name)}, but a string was expected.`, "Pass { name: '@acme/captions' }.");
  const part = {
    kind: 'tokenizer',
    modality: 'text',
    vocabularySize: tokenizer.vocabularySize,
    async encode(texts: readonly string[], call: CallOptions = {}) {
      if (!Array.isArray(texts)) throw notABatch(texts);
      const rows = await inSlices(texts, (text) => row(tokenizer, text, options), call);
      return tokenizer.pad(rows, options);
    },
    async decode(tokens: Tokens, call: CallOptions = {}) {
      return inSlices(realRows(tokens), (ids) => tokenizer.decode(ids, { skipSpecialTokens: true }), call);
    },
  } satisfies TokenizerPart<'text'>;
  return definePlugin({ name, version, parts: [part] });
}

/** What `encodeBatch` makes of one text, with the padding taken off again: rows of a batch are padded together. */
function row(tokenizer: Tokenizer, text: string, options: BatchOptions): Row {
  const one: BatchOptions = { ...options, paddingSide: 'right', multipleOf: 1, overflow: false };
  const { ids, attentionMask, typeIds, offsets, wordIds, sequenceIds } = tokenizer.encodeBatch([text], one);
  const length = attentionMask.data.indexOf(0);
  const end = length < 0 ? ids.data.length : length;
  return {
    ids: ids.data.slice(0, end),
    ...(typeIds && { typeIds: typeIds.data.slice(0, end) }),
    ...(offsets && {
      offsets: offsets[0]!.slice(0, end),
      wordIds: wordIds![0]!.slice(0, end),
      sequenceIds: sequenceIds![0]!.slice(0, end),
    }),
  };
}

async function inSlices<Item, Result>(items: readonly Item[], work: (item: Item) => Result, call: CallOptions): Promise<Result[]> {
  throwIfAborted(call.signal);
  const pace = new Pace(call);
  const results: Result[] = [];
  const total = items.length;
  for (const item of items) {
    results.push(work(item));
    if (pace.due) await pace.rest({ done: results.length, total });
  }
  pace.report({ done: total, total });
  return results;
}

/** The ids of each row that are not padding. */
function realRows(tokens: Tokens): (number | bigint)[][] {
  const ids = tokens?.ids;
  const mask = tokens?.attentionMask;
  const [count, length] = ids?.dims ?? [];
  if (ids === undefined || ids.dims.length !== 2 || ids.data?.length !== count! * length!) {
    throw inputError(
      `decode was given ${ids === undefined ? describe(tokens) : `ids with dims [${ids.dims}] and ${ids.data?.length} elements`}, but ids of [batch, length] were expected.`,
      'Pass what encode gave.',
    );
  }
  if (mask !== undefined && mask.data.length !== ids.data.length) {
    throw inputError(`attentionMask has ${mask.data.length} elements, but ids has ${ids.data.length}.`, 'Pass what encode gave.');
  }
  return Array.from({ length: count! }, (_, row) => {
    const start = row * length!;
    return Array.from<number | bigint>(ids.data.subarray(start, start + length!)).filter(
      (__, i) => mask === undefined || Number(mask.data[start + i]) !== 0,
    );
  });
}

function notABatch(texts: unknown): TokenizerError {
  return inputError(`encode was given ${describe(texts)}, but an array of strings was expected.`, 'Put a single text into an array.');
}
