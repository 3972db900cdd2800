import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import { rewriteCharacters } from './rewrite-characters.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const removed = /[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g;
const spaces = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

/** SentencePiece's `nmt` rules: control characters go, and what counts as white space becomes a space. */
export function readNmt(_json: JsonReader): Rewriter {
  const apply = (text: string) => text.replace(removed, '').replace(spaces, ' ');
  return { apply, trace: (text) => rewriteCharacters(text, apply) };
}
