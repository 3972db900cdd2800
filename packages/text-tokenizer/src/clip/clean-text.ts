import { htmlUnescape } from './html-unescape.js';

/** What Python's `str.isspace` holds: White_Space and four separators more. */
const space = /[\p{White_Space}\x1c-\x1f]/u;

/**
 * openai/CLIP's cleaning: HTML references twice, white space collapsed, lower case.
 * (simple_tokenizer.py, basic_clean and whitespace_clean; `repair` stands where it calls `ftfy.fix_text`.)
 */
export function cleanText(text: string, repair: (text: string) => string = (text) => text): string {
  const unescaped = strip(htmlUnescape(htmlUnescape(repair(text))));
  return strip(unescaped.replace(/\p{White_Space}+/gu, ' ')).toLowerCase();
}

/** Python's `str.strip`; written out, since a pattern that ends in `$` takes quadratic time on long runs of spaces. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && space.test(text[start]!)) start++;
  while (end > start && space.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}
