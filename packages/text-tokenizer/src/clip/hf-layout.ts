import { addedTokenJson, bpeJson, byteLevelJson, clipLayoutJson, tokenizerDocument } from '../json/document.js';
import { clipPattern } from '../scan/index.js';
import type { TokenizerConfigJson, TokenizerJson } from '../tokenizer.js';
import { type ClipVocabulary, endOfText, endOfWord, startOfText } from './clip-vocabulary.js';

/** The published tokenizer.json of CLIP, but for its model. */
export function hfLayout({ startId, endId }: ClipVocabulary): TokenizerJson {
  return tokenizerDocument({
    added_tokens: [addedTokenJson([startOfText, startId], { normalized: true }), addedTokenJson([endOfText, endId])],
    ...clipLayoutJson(clipPattern, [startOfText, startId], [endOfText, endId]),
    decoder: byteLevelJson(),
  });
}

/** The whole file: the layout, and the model with its 49,408 tokens and their merges as strings. */
export function hfTokenizerJson(clip: ClipVocabulary): TokenizerJson {
  const { vocabulary, left, right } = clip;
  return {
    ...hfLayout(clip),
    model: bpeJson({
      unk_token: endOfText,
      continuing_subword_prefix: '',
      end_of_word_suffix: endOfWord,
      vocab: Object.fromEntries(vocabulary.entries()),
      merges: Array.from(left, (id, rank) => `${vocabulary.token(id)} ${vocabulary.token(right[rank]!)}`),
    }),
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
