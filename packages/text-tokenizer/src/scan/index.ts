import type { Splitter } from '../pipeline/stages.js';
import { cl100kScanner } from './cl100k.js';
import { scanClip } from './clip.js';
import { scanGpt2 } from './gpt2.js';
import { scanO200k } from './o200k.js';

const contractions = "'s|'t|'re|'ve|'m|'ll|'d";
export const clipPattern = `${contractions}|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+`;
export const gpt2Pattern = `${contractions}| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`;
export const cl100kPattern = (digits: string) =>
  `(?i:${contractions})|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const cased = (capitals: string, smalls: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]${capitals}[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]${smalls}(?i:${contractions})?`;
export const o200kPattern = `${cased('*', '+')}|${cased('+', '*')}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/**
 * A scanner that does what a well-known regular expression (Oniguruma's syntax, as a tokenizer.json spells it) does, several times faster;
 * undefined for any other. It emits the matches from left to right. But for CLIP's, they cover the text, so that a `Split` with `Isolated` and
 * an inverted one with `Removed` are the same; CLIP's (`coversText` false) leaves out white space, as the latter does.
 */
export function scannerFor(regexSource: string): { readonly split: Splitter; readonly coversText: boolean } | undefined {
  switch (regexSource) {
    case gpt2Pattern:
      return { split: scanGpt2, coversText: true };
    case cl100kPattern('{1,3}'):
      return { split: cl100kScanner(3), coversText: true };
    case cl100kPattern(''):
      return { split: cl100kScanner(1), coversText: true };
    case o200kPattern:
      return { split: scanO200k, coversText: true };
    case clipPattern:
      return { split: scanClip, coversText: false };
    default:
      return undefined;
  }
}
