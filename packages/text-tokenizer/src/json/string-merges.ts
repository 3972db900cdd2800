import type { TokenizerJson } from '../tokenizer.js';
import { readMerges } from './bpe-model.js';
import { JsonReader } from './json-reader.js';

/** The document with merges as `"a b"`: @xenova/transformers reads no other form. A token that holds a space can only be written as a pair. */
export function withStringMerges(document: TokenizerJson): TokenizerJson {
  const model = new JsonReader(document, '').field('model');
  if (model.field('merges').absent) return structuredClone(document);
  const merges = readMerges(model.field('merges')).map(([left, right]) => (/ /.test(left + right) ? [left, right] : `${left} ${right}`));
  return structuredClone({ ...document, model: { ...model.object(), merges } });
}
