import { firstCharacterEnd } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import { checkGrowth } from '../pipeline/growth.js';
import type { Rewriter } from '../pipeline/stages.js';

/** Puts a text before every text that is not empty; it comes from the first character. */
export function readPrepend(json: JsonReader): Rewriter {
  const content = json.field('prepend').insertion();
  return {
    apply(text) {
      checkGrowth(text.length, text.length + content.length);
      return text === '' ? '' : content + text;
    },
    trace: (text) => (text.text === '' ? text : text.rewrite([{ start: 0, end: 0, content, from: 0, to: firstCharacterEnd(text.text) }])),
  };
}
