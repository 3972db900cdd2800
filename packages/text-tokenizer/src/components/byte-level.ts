import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import { splitByPattern } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/** GPT-2's pattern (Radford et al. 2019, encoder.py); Oniguruma's \s is the White_Space property, which JavaScript's is not. */
const gpt2Pattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

export function readByteLevel(json: JsonReader): PreTokenizer {
  const stages: Stage[] = [];
  if (json.field('add_prefix_space').boolean(true)) stages.push({ rewrite: prefixSpace });
  if (json.field('use_regex').boolean(true)) stages.push({ split: splitByPattern(gpt2Pattern, 'Isolated') });
  return { stages, byteLevel: true };
}

/** A space before every piece that has none, from where its first character comes from. */
const prefixSpace: Rewriter = {
  apply: (text) => (lacksSpace(text) ? ` ${text}` : text),
  trace: (text) =>
    lacksSpace(text.text)
      ? text.rewrite([{ start: 0, end: 0, content: ' ', from: 0, to: text.text.codePointAt(0)! > 0xffff ? 2 : 1 }])
      : text,
};

function lacksSpace(text: string): boolean {
  return text !== '' && !text.startsWith(' ');
}
