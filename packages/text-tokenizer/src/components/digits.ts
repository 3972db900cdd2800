import type { JsonReader } from '../json/json-reader.js';
import { splitByPattern, splitting } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/** Numbers stand alone, or with `individual_digits` each of their digits; all of Unicode's N counts, as in Rust's `char::is_numeric`. */
export function readDigits(json: JsonReader): PreTokenizer {
  return splitting(splitByPattern(/\p{N}/gu, json.field('individual_digits').boolean(false) ? 'Isolated' : 'Contiguous'));
}
