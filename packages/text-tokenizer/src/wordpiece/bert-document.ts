import { addedTokensJson, configJson, type TokenId, templateJson, tokenizerDocument } from '../json/document.js';
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
  const withId = (token: string): TokenId => [token, ids.get(token)!];
  return tokenizerDocument({
    added_tokens: addedTokensJson(bertSpecialTokens.filter((token) => ids.has(token)).map(withId)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: styles.tokenizeChineseChars,
      strip_accents: styles.stripAccents,
      lowercase: styles.lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: templateJson([withId('[CLS]')], [withId('[SEP]')], 'shared'),
    decoder: { type: 'WordPiece', prefix: continuation, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: continuation,
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  });
}

/** The tokenizer_config.json beside it. */
export function bertConfig(ids: ReadonlyMap<string, number>, styles: BertStyles, modelMaxLength: number | undefined): TokenizerConfigJson {
  // Naming a token that the vocabulary lacks would add it.
  const named = (token: string) => (ids.has(token) ? token : undefined);
  return configJson(
    modelMaxLength,
    { pad_token: named('[PAD]'), unk_token: '[UNK]', cls_token: '[CLS]', sep_token: '[SEP]', mask_token: named('[MASK]') },
    {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: styles.lowercase,
      strip_accents: styles.stripAccents,
      tokenize_chinese_chars: styles.tokenizeChineseChars,
    },
  );
}
