import { describe, optionsError } from '../errors.js';
import { bpeJson, genericConfig, tokenizerDocument } from '../json/document.js';
import { type JsonInput, openJson } from '../json/parse-json.js';
import { readVocabulary } from '../json/read-vocabulary.js';
import type { LoadOptions } from '../load-document.js';
import { loadTokenizer } from '../load-tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';
import { readAddedTokens } from './added-tokens.js';
import { components, type VocabKind, vocabKinds } from './kinds.js';
import { readMergesFile } from './read-merges-file.js';

export interface VocabAndMergesOptions extends LoadOptions {
  /** Which family the files are of: they alone do not say how text is split. */
  readonly kind: VocabKind;
  /** The files beside them, where there are any: tokenizer_config.json, special_tokens_map.json, added_tokens.json. */
  readonly tokenizerConfig?: JsonInput | undefined;
  readonly specialTokensMap?: JsonInput | undefined;
  readonly addedTokens?: JsonInput | undefined;
}

/**
 * Loads a byte-level tokenizer from its vocab.json and merges.txt, as transformers converts them to a tokenizer.json (which `toJSON()`
 * then gives). Throws TOKENIZER_FILE for a damaged file, naming the place (JSON path, line), and TOKENIZER_OPTIONS for an unknown kind.
 */
export function loadVocabAndMerges(vocabJson: JsonInput, mergesTxt: string | Uint8Array, options: VocabAndMergesOptions): Tokenizer {
  const { kind, limits } = (options ?? {}) as VocabAndMergesOptions;
  if (!vocabKinds.includes(kind)) {
    throw optionsError(
      `options.kind is ${describe(kind)}, but one of ${vocabKinds.join(', ')} was expected.`,
      'Say which family the vocabulary is of.',
    );
  }
  const read = (input: JsonInput | undefined, name: string) => openJson(input ?? {}, name, limits);
  // An absent vocabulary is not an empty one.
  const vocabularyJson = openJson(vocabJson, 'vocab.json', limits);
  vocabularyJson.object();
  const vocabulary = readVocabulary(vocabularyJson);
  const merges = readMergesFile(mergesTxt, vocabulary, limits);
  const config = read(options.tokenizerConfig, 'tokenizer_config.json');
  const added = readAddedTokens(kind, vocabulary, {
    config,
    map: read(options.specialTokensMap, 'special_tokens_map.json'),
    added: read(options.addedTokens, 'added_tokens.json'),
  });
  const document = tokenizerDocument({
    added_tokens: added.tokens,
    ...components(kind, config, added.special),
    model: bpeJson({
      unk_token: kind === 'clip' ? added.special.role('unk_token')[0] : null,
      continuing_subword_prefix: '',
      end_of_word_suffix: kind === 'clip' ? '</w>' : '',
      vocab: vocabularyJson.value,
      merges,
    }),
  });
  return loadTokenizer(document, { ...genericConfig, ...added.names, ...config.object() }, limits === undefined ? {} : { limits });
}
