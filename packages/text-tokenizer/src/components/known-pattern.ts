import { describe, TokenizerError } from '../errors.js';
import type { Translate } from './pattern.js';

/** For a small bundle, which has scanners for published split patterns, and of all regular expressions beside them reads one alone. */
export const knownPattern: Translate = (source, json) => {
  if (source === '\\s+') return /\p{White_Space}+/gu;
  throw new TokenizerError({
    code: 'TOKENIZER_UNSUPPORTED',
    message: `${json.path} is the regular expression ${describe(source)}, which the small loader does not know.`,
    fix: 'Use loadTokenizer of @polymodal/text-tokenizer, which reads every regular expression.',
  });
};
