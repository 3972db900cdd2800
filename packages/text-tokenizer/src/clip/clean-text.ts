import { strip } from '../python-strip.js';
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
