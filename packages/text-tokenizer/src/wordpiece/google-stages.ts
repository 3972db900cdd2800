import { normalizationForm } from '../components/normalization-form.js';
import { rewriteCharacters } from '../components/rewrite-characters.js';
import { splitByPattern } from '../components/split-pattern.js';
import { punctuation } from '../components/splits.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import type { BertStyles } from './bert-document.js';

/** The ideographs of google-research/bert; huggingface/tokenizers leaves out U+2B820 to U+2B91F. */
const ideograph =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/**
 * BasicTokenizer of google-research/bert (tokenization.py). It differs from huggingface/tokenizers: private-use characters stay, words are
 * lower-cased as words (a last Σ becomes ς) and before accents are taken off.
 */
export function googleStages({ lowercase, stripAccents, tokenizeChineseChars }: BertStyles): Stage[] {
  return [
    { rewrite: replacing(/(?![\t\n\r])[\ufffd\p{Cc}\p{Cf}]/gu, '') },
    { rewrite: replacing(/[\t\n\r\p{Zs}]/gu, ' ') },
    ...(tokenizeChineseChars ? [{ rewrite: replacing(ideograph, ' $& ') }] : []),
    { split: splitByPattern(/\p{White_Space}/gu, 'Removed') },
    ...(lowercase ? [{ rewrite: lowercaseWord }] : []),
    ...(stripAccents ? [{ rewrite: normalizationForm('NFD') }, { rewrite: replacing(/\p{Mn}/gu, '') }] : []),
    { split: splitByPattern(punctuation, 'Isolated') },
  ];
}

/** `pattern` matches single characters. */
function replacing(pattern: RegExp, content: string): Rewriter {
  const apply = (text: string) => text.replace(pattern, content);
  return { apply, trace: (text) => rewriteCharacters(text, apply) };
}

const lowercaseWord: Rewriter = {
  apply: (word) => word.toLowerCase(),
  trace(word) {
    const lower = word.text.toLowerCase();
    let at = 0;
    // What a character becomes may depend on its neighbours, but its length does not.
    return rewriteCharacters(word, (character) => {
      const start = at;
      at += character.toLowerCase().length;
      return lower.slice(start, at);
    });
  },
};
