import { characterStart } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';
import type { Edit } from '../pipeline/traced-text.js';
import { eachMatch, readPattern, type Translate } from './pattern.js';

/** Every match of a pattern becomes one text, which comes from the last character of what it replaces. */
export function replaceReader(translate: Translate): (json: JsonReader) => Rewriter {
  return (json) => {
    const pattern = json.field('pattern');
    const literal = typeof pattern.value === 'string' ? pattern.value : pattern.field('String').string('');
    const content = json.field('content').insertion();
    return replacer(readPattern(pattern, translate), content, literal);
  };
}

/** With `literal`, the pattern matches that text and nothing else. */
function replacer(pattern: RegExp, content: string, literal: string): Rewriter {
  // Here a dollar sign would stand for something.
  const plain = content.replaceAll('$', '$$$$');
  return {
    // The engine's own replacement is the fastest, and as good where no match is empty.
    apply: (text) => (literal === '' ? replaceMatches(text, pattern, content) : text.replaceAll(literal, plain)),
    trace(text) {
      const edits: Edit[] = [];
      eachMatch(text.text, pattern, (start, end) => {
        edits.push({ start, end, content, from: Math.max(0, characterStart(text.text, end)), to: end });
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
