import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import { lowercaseRewriter } from './lowercase.js';
import { normalizationForm } from './normalization-form.js';
import { rewriteCharacters } from './rewrite-characters.js';

export interface BertNormalizerOptions {
  /** Take out control characters, and write all white space as spaces. */
  readonly cleanText: boolean;
  /** Put spaces around CJK ideographs. */
  readonly spaceIdeographs: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
}

export function readBertNormalizer(json: JsonReader): Rewriter {
  const lowercase = json.field('lowercase').boolean(true);
  return bertNormalizer({
    cleanText: json.field('clean_text').boolean(true),
    spaceIdeographs: json.field('handle_chinese_chars').boolean(true),
    stripAccents: json.field('strip_accents').boolean(lowercase),
    lowercase,
  });
}

/** What BERT does to a text before it is split (google-research/bert, BasicTokenizer; huggingface/tokenizers, normalizers/bert.rs). */
export function bertNormalizer(options: BertNormalizerOptions): Rewriter {
  const parts = [
    ...(options.cleanText ? [removing(/(?![\t\n\r])[\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu), replacing(/(?! )\p{White_Space}/gu, ' ')] : []),
    ...(options.spaceIdeographs ? [replacing(ideograph, ' $& ')] : []),
    ...(options.stripAccents ? [normalizationForm('NFD'), removing(/\p{Mn}/gu)] : []),
    ...(options.lowercase ? [lowercaseRewriter] : []),
  ];
  return {
    apply: (text) => parts.reduce((result, part) => part.apply(result, false), text),
    trace: (text) => parts.reduce((result, part) => part.trace(result, false), text),
  };
}

const ideograph =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function removing(pattern: RegExp): Rewriter {
  return replacing(pattern, '');
}

/** `pattern` matches single characters. */
function replacing(pattern: RegExp, content: string): Rewriter {
  const apply = (text: string) => text.replace(pattern, content);
  return { apply, trace: (text) => rewriteCharacters(text, apply) };
}
