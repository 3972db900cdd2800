import { characterLength } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';

/** Makes a global JavaScript regular expression of one in Oniguruma's syntax. */
export type Translate = (source: string, json: JsonReader) => RegExp;

/** `{ "String": … }` or `{ "Regex": … }` (or a bare string) as a global regular expression. */
export function readPattern(json: JsonReader, translate: Translate): RegExp {
  if (typeof json.value === 'string') return literalPattern(json.value);
  const literal = json.field('String');
  if (!literal.absent) return literalPattern(literal.string());
  const source = json.field('Regex');
  if (source.absent) throw json.error('has neither String nor Regex.');
  return translate(source.string(), source);
}

export function literalPattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu');
}

/** Finds matches as the Rust binding of Oniguruma does: no empty match right after another match. */
export function eachMatch(text: string, pattern: RegExp, found: (start: number, end: number) => void): void {
  let last = -1;
  // Kept here, not in the pattern: `found` may itself search with it, where two stages of a tokenizer are of one kind.
  for (let at = 0; at <= text.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return;
    const end = match.index + match[0].length;
    at = end > match.index ? end : end + characterLength(text, end);
    if (end > match.index || end !== last) found(match.index, end);
    last = end;
  }
}
