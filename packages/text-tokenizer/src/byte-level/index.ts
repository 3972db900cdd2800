import { byteLevelComponents } from '../components/byte-level-components.js';
import type { JsonInput } from '../json/parse-json.js';
import { type LoadOptions, loadDocument } from '../load-document.js';
import type { Tokenizer } from '../tokenizer.js';

/** `loadTokenizer` for byte-level BPE alone (GPT, Llama 3, Qwen, RoBERTa, CLIP), two thirds of the size; other kinds are refused by name. */
export function loadTokenizer(tokenizerJson: JsonInput, tokenizerConfigJson?: JsonInput, options: LoadOptions = {}): Tokenizer {
  return loadDocument(byteLevelComponents, tokenizerJson, tokenizerConfigJson, options);
}
