import { describe, TokenizerError } from '../errors.js';
import type { JsonReader } from '../json/json-reader.js';
import { loadTokenizer } from '../load-tokenizer.js';
import { loadSentencePiece } from '../sentencepiece/index.js';
import type { Tokenizer, TokenizerJson } from '../tokenizer.js';

/** What Llama's, Gemma's and T5's folders call their model. */
export const sentencePieceFiles = ['tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model', 'spm.model'];

/** Which of them put which ids around a text, and split it at spaces first, by the name of their class. */
const families = [
  { name: /^(Code)?Llama|^Gemma/, begin: true, end: false, extraIds: 0, splits: false },
  { name: /^T5/, begin: false, end: true, extraIds: 100, splits: true },
  { name: /^PreTrained|^Tokenizers?Backend/, begin: false, end: false, extraIds: 0, splits: false },
] as const;

/**
 * A SentencePiece model as its folder uses it: alone, with the ids of the C++ library; with a tokenizer_config.json, with those of transformers,
 * to whom a special token's spelling in a text is that token. Throws TOKENIZER_UNSUPPORTED for a class whose ids are not the model's.
 */
export function fromSentencePiece(model: Uint8Array, name: string, config: JsonReader | undefined): Tokenizer {
  const named = config?.field('tokenizer_class').string(undefined);
  const family = families.find((family) => family.name.test(named ?? ''));
  // XLM-R, CamemBERT, mBART and NLLB shift the ids of their models.
  if ((named !== undefined && family === undefined) || (named === undefined && name === 'sentencepiece.bpe.model')) {
    throw new TokenizerError({
      code: 'TOKENIZER_UNSUPPORTED',
      message: `${name} of the class ${describe(named)} is not supported: transformers gives other ids than the model itself.`,
      fix: "Save the tokenizer with transformers, which writes a tokenizer.json, or call loadSentencePiece for the model's own ids.",
    });
  }
  if (config === undefined || family === undefined) return loadSentencePiece(model);
  const around = {
    addBegin: config.field('add_bos_token').boolean(family.begin),
    addEnd: config.field('add_eos_token').boolean(family.end),
  };
  const document = loadSentencePiece(model, around).toJSON();
  const extraIds = config.field('extra_ids').integer(family.extraIds);
  return loadTokenizer(withAddedTokens(withMetaspace(document, family.splits), config, extraIds), config.object());
}

/** transformers puts the space before a text in the pre-tokenizer, so that it does not come back after every special token. */
function withMetaspace(document: TokenizerJson, splits: boolean): TokenizerJson {
  const { normalizers = [] } = (document.normalizer ?? {}) as { normalizers?: readonly { type: string; pattern?: { String?: string } }[] };
  if (!normalizers.some(({ type }) => type === 'Prepend')) return document;
  const rest = normalizers.filter(
    ({ type, pattern }) => type !== 'Prepend' && !(type === 'Replace' && (splits || pattern?.String === ' ')),
  );
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: splits ? 'always' : 'first', split: splits };
  return {
    ...document,
    normalizer: rest.length === 0 ? null : { type: 'Sequence', normalizers: rest },
    pre_tokenizer: splits ? { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] } : metaspace,
  };
}

/** T5's sentinels, `<extra_id_0>` the highest, and what `added_tokens_decoder` adds. */
function withAddedTokens(document: TokenizerJson, config: JsonReader, extraIds: number): TokenizerJson {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const tokens = new Map((document.added_tokens as { id: number; content: string }[]).map((token) => [token.content, token]));
  const { vocab } = document.model as { vocab: object };
  const size = Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length;
  if (extraIds > 10_000) throw config.field('extra_ids').wrong('at most 10000');
  for (let i = 0; i < extraIds; i++) {
    const content = `<extra_id_${i}>`;
    tokens.set(content, { id: size + extraIds - 1 - i, content, ...flags });
  }
  const decoder = config.field('added_tokens_decoder');
  if (!decoder.absent) {
    for (const id of Object.keys(decoder.object())) {
      if (!/^\d{1,9}$/.test(id)) throw decoder.error(`names ${describe(id)}, which is no id.`);
      const content = decoder.field(id).field('content').string();
      tokens.set(content, { ...flags, ...decoder.field(id).object(), id: Number(id), content });
    }
  }
  return { ...document, added_tokens: [...tokens.values()].sort((a, b) => a.id - b.id) };
}
