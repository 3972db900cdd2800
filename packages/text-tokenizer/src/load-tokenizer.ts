import { allComponents } from './components/all-components.js';
import type { JsonInput } from './json/parse-json.js';
import { type LoadOptions, loadDocument } from './load-document.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * Builds the tokenizer that a tokenizer.json (and the tokenizer_config.json beside it) describes, with the ids of huggingface/tokenizers.
 * Objects are kept, not copied: do not change them afterwards.
 *
 * Throws TOKENIZER_FILE for a damaged file, naming the place, and TOKENIZER_UNSUPPORTED for a component that it does not know, naming it.
 */
export function loadTokenizer(tokenizerJson: JsonInput, tokenizerConfigJson?: JsonInput, options: LoadOptions = {}): Tokenizer {
  return loadDocument(allComponents, tokenizerJson, tokenizerConfigJson, options);
}
