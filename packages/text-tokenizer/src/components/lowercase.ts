import type { Rewriter } from '../pipeline/stages.js';
import { rewriteCharacters } from './rewrite-characters.js';

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

export const lowercaseRewriter: Rewriter = {
  apply: lowercase,
  trace: (text) => rewriteCharacters(text, lowercase),
};
