import type { TokenizerConfigJson, TokenizerJson } from '../tokenizer.js';

/** How a BERT model wants its text. */
export interface BertStyles {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  readonly tokenizeChineseChars: boolean;
}

/** Written before tokens that continue a word. */
export const continuation = '##';
export const bertSpecialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** The tokenizer.json that transformers makes of a BERT vocabulary, which holds [CLS] and [SEP]. */
export function bertDocument(ids: ReadonlyMap<string, number>, styles: BertStyles): TokenizerJson {
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const single = [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: bertSpecialTokens
      .filter((content) => ids.has(content))
      .map((content) => ({
        id: ids.get(content)!,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: styles.tokenizeChineseChars,
      strip_accents: styles.stripAccents,
      lowercase: styles.lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, sequence('B', 1), special('[SEP]', 1)],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [ids.get(id)!], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: continuation, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: continuation,
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  };
}

/** The tokenizer_config.json beside it. */
export function bertConfig(styles: BertStyles, modelMaxLength: number | undefined): TokenizerConfigJson {
  return {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: styles.lowercase,
    strip_accents: styles.stripAccents,
    tokenize_chinese_chars: styles.tokenizeChineseChars,
    // The decoder does it.
    clean_up_tokenization_spaces: false,
    model_max_length: modelMaxLength ?? 1e30,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  };
}
