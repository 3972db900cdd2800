import type { TokenizerConfigJson, TokenizerJson } from '../tokenizer.js';

/** A token with its id. */
export type TokenId = readonly [content: string, id: number];

/** One entry of `added_tokens`. */
export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A tokenizer.json, null where `parts` leave something out. */
export function tokenizerDocument(parts: TokenizerJson): TokenizerJson {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...parts,
  };
}

/** A special token, where `flags` do not say otherwise. */
export function addedTokenJson([content, id]: TokenId, flags: Partial<AddedTokenJson> = {}): AddedTokenJson {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...flags };
}

/** Special tokens by id. */
export function addedTokensJson(special: readonly TokenId[]): AddedTokenJson[] {
  return special.map((token) => addedTokenJson(token)).sort((a, b) => a.id - b.id);
}

export function byteLevelJson(addPrefixSpace = true, trimOffsets = true, useRegex = true) {
  return { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: trimOffsets, use_regex: useRegex };
}

export function splitJson(pattern: string, behavior: string, invert = false) {
  return { type: 'Split', pattern: { Regex: pattern }, behavior, invert };
}

/** A BPE model; null or false where `parts` leave something out. */
export function bpeJson(parts: TokenizerJson): TokenizerJson {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...parts,
  };
}

/** What SentencePiece's pieces become again: text, with bytes where there were byte tokens. */
export function piecesDecoderJson(space: string, byteFallback: boolean, strips: boolean): TokenizerJson {
  return {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: space }, content: ' ' },
      ...(byteFallback ? [{ type: 'ByteFallback' }] : []),
      { type: 'Fuse' },
      ...(strips ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
    ],
  };
}

/**
 * A post-processor that puts tokens around every text, or null where there are none. The texts of a pair have each their own, or what ends
 * the first one also begins the second (`shared`), or nothing stands between them (`joined`). The second text is of type 1.
 */
export function templateJson(before: readonly TokenId[], after: readonly TokenId[], pair: 'each' | 'shared' | 'joined' = 'each') {
  const used = [...before, ...after];
  if (used.length === 0) return null;
  const special = (tokens: readonly TokenId[], type: number) => tokens.map(([id]) => ({ SpecialToken: { id, type_id: type } }));
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const open = [...special(before, 0), sequence('A', 0)];
  const single = [...open, ...special(after, 0)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...(pair === 'joined' ? open : single), ...(pair === 'each' ? special(before, 1) : []), sequence('B', 1), ...special(after, 1)],
    special_tokens: Object.fromEntries(used.map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }])),
  };
}

/** Transformers' generic class; without the clean-up, which would take spaces out of decoded text. */
export const genericConfig = { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false } as const;

/** A tokenizer_config.json; roles without a token are left out. */
export function configJson(
  modelMaxLength: number | undefined,
  roles: Readonly<Record<string, string | readonly string[] | undefined>>,
  more: TokenizerConfigJson = {},
): TokenizerConfigJson {
  return {
    ...genericConfig,
    // Python's way to say that there is no limit.
    model_max_length: modelMaxLength ?? 1e30,
    ...Object.fromEntries(Object.entries(roles).filter(([, token]) => token !== undefined)),
    ...more,
  };
}

/** What surrounds the model in the files that Hugging Face publishes for CLIP (transformers, CLIPConverter). */
export function clipLayoutJson(pattern: string, begin: TokenId, end: TokenId) {
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }],
    },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [splitJson(pattern, 'Removed', true), byteLevelJson(false)] },
    post_processor: { type: 'RobertaProcessing', sep: end, cls: begin, trim_offsets: false, add_prefix_space: false },
  };
}
