import type { JsonReader } from '../json/json-reader.js';
import { readPattern } from './pattern.js';

/** Text → text, before anything is split. */
export type Normalizer = (text: string) => string;

const known = ['Lowercase', 'NFC', 'NFD', 'NFKC', 'NFKD', 'Replace', 'Sequence'];

/** Compiles `normalizer` of a tokenizer.json; throws TOKENIZER_UNSUPPORTED for a type it does not know. */
export function readNormalizer(json: JsonReader): Normalizer | undefined {
  if (json.absent) return undefined;
  const type = json.type();
  switch (type) {
    case 'Lowercase':
      return lowercase;
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(type);
    case 'Replace': {
      const pattern = readPattern(json.field('pattern'));
      const content = json.field('content').string();
      return (text) => text.replace(pattern, () => content);
    }
    case 'Sequence': {
      const parts = json
        .field('normalizers')
        .array(64)
        .flatMap((item) => readNormalizer(item) ?? []);
      return (text) => parts.reduce((result, normalize) => normalize(result), text);
    }
    default:
      throw json.unsupported('normalizer', known);
  }
}

/**
 * Lower case of each character alone, as Rust's `char::to_lowercase`: JavaScript's `toLowerCase` differs in one thing, that it writes a
 * capital sigma at the end of a word as ς.
 */
export function lowercase(text: string): string {
  const lower = text.toLowerCase();
  return text.includes('Σ')
    ? text
        .split('Σ')
        .map((part) => part.toLowerCase())
        .join('σ')
    : lower;
}
