import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import type { Edit } from '../pipeline/traced-text.js';
import { eachMatch, readPattern } from './pattern.js';

/** Every match of a pattern becomes one text, which comes from the last character of what it replaces. */
export function readReplace(json: JsonReader): Rewriter {
  const pattern = readPattern(json.field('pattern'));
  const content = json.field('content').string();
  return {
    apply: (text) => replaceMatches(text, pattern, content),
    trace(text) {
      const edits: Edit[] = [];
      eachMatch(text.text, pattern, (start, end) => {
        edits.push({ start, end, content, from: lastCharacter(text.text, end), to: end });
      });
      return edits.length === 0 ? text : text.rewrite(edits);
    },
  };
}

/** Unlike String.prototype.replace, no empty match stands at the end of another match. */
export function replaceMatches(text: string, pattern: RegExp, content: string): string {
  let out = '';
  let done = 0;
  eachMatch(text, pattern, (start, end) => {
    out += text.slice(done, start) + content;
    done = end;
  });
  return done === 0 && out === '' ? text : out + text.slice(done);
}

function lastCharacter(text: string, end: number): number {
  const pair = end > 1 && /[\udc00-\udfff]/.test(text[end - 1]!) && /[\ud800-\udbff]/.test(text[end - 2]!);
  return Math.max(0, pair ? end - 2 : end - 1);
}
