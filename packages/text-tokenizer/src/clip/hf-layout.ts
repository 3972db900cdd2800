import type { TokenizerConfigJson, TokenizerJson } from '../tokenizer.js';
import { type ClipVocabulary, endOfText, endOfWord, startOfText } from './clip-vocabulary.js';

/** What comes before and after the model in the tokenizer.json that Hugging Face publishes for CLIP (transformers, CLIPConverter). */
export function hfLayout({ startId, endId }: ClipVocabulary): TokenizerJson {
  const added = { single_word: false, lstrip: false, rstrip: false, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: startId, content: startOfText, ...added, normalized: true },
      { id: endId, content: endOfText, ...added, normalized: false },
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [endOfText, endId],
      cls: [startOfText, startId],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  };
}

/** The whole file: the layout, and the model with its 49,408 tokens and their merges as strings. */
export function hfTokenizerJson(clip: ClipVocabulary): TokenizerJson {
  const { vocabulary, left, right } = clip;
  return {
    ...hfLayout(clip),
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: endOfText,
      continuing_subword_prefix: '',
      end_of_word_suffix: endOfWord,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.entries()),
      merges: Array.from(left, (id, rank) => `${vocabulary.token(id)} ${vocabulary.token(right[rank]!)}`),
    },
  };
}

export function hfTokenizerConfig(): TokenizerConfigJson {
  return {
    tokenizer_class: 'CLIPTokenizer',
    bos_token: startOfText,
    eos_token: endOfText,
    pad_token: endOfText,
    unk_token: endOfText,
    model_max_length: 77,
    do_lower_case: true,
    add_prefix_space: false,
    errors: 'replace',
    clean_up_tokenization_spaces: true,
  };
}
