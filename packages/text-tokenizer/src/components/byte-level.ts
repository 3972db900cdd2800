import { firstCharacterEnd } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import { scanGpt2 } from '../scan/gpt2.js';
import type { PreTokenizer } from './tables.js';

/** A space before the text, and GPT-2's words. */
export function readByteLevel(json: JsonReader): PreTokenizer {
  const stages: Stage[] = [];
  if (json.field('add_prefix_space').boolean(true)) stages.push({ rewrite: prefixSpace });
  if (json.field('use_regex').boolean(true)) stages.push({ split: scanGpt2 });
  return { stages, byteLevel: true };
}

/** A space before every piece that has none, from where its first character comes from. */
const prefixSpace: Rewriter = {
  apply: (text) => (lacksSpace(text) ? ` ${text}` : text),
  trace: (text) =>
    lacksSpace(text.text) ? text.rewrite([{ start: 0, end: 0, content: ' ', from: 0, to: firstCharacterEnd(text.text) }]) : text,
};

function lacksSpace(text: string): boolean {
  return text !== '' && !text.startsWith(' ');
}
