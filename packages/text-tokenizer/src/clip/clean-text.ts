import { fixText } from './ftfy/fix-text.js';
import { htmlUnescape } from './html-unescape.js';

/**
 * openai/CLIP's cleaning: mojibake and other damage repaired, HTML references twice, white space collapsed, lower case.
 * (simple_tokenizer.py, basic_clean and whitespace_clean.)
 */
export function cleanText(text: string): string {
  const unescaped = strip(htmlUnescape(htmlUnescape(fixText(text))));
  return strip(unescaped.replace(/\p{White_Space}+/gu, ' ')).toLowerCase();
}

/** Python's `str.strip`; written out, since a pattern that ends in `$` takes quadratic time on long runs of spaces. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

/** Python's `str.isspace`: White_Space and four separators (U+001C to U+001F) more. */
function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0x1c && code <= 0x1f) || /\p{White_Space}/u.test(text[at]!);
}
