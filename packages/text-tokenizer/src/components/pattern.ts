import type { JsonReader } from '../json/json-reader.js';
import { translateRegex } from './regex.js';

/** `{ "String": … }` or `{ "Regex": … }` (or a bare string) as a global JavaScript regular expression. */
export function readPattern(json: JsonReader): RegExp {
  if (typeof json.value === 'string') return new RegExp(escapeRegex(json.value), 'gu');
  const literal = json.field('String');
  if (!literal.absent) return new RegExp(escapeRegex(literal.string()), 'gu');
  const source = json.field('Regex');
  if (source.absent) throw json.error('has neither String nor Regex.');
  return translateRegex(source.string(), source);
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
