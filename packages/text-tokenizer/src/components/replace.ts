import { characterStart } from '../characters.js';
import { IdBuffer } from '../id-buffer.js';
import type { JsonReader } from '../json/json-reader.js';
import { checkGrowth, mostGrowth } from '../pipeline/growth.js';
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
    // The engine's own replacement is the fastest, and as good where no match is empty and the text cannot grow too much.
    apply: (text) =>
      literal === '' || (text.length / literal.length) * (content.length - literal.length) > mostGrowth
        ? replaceMatches(text, pattern, content)
        : text.replaceAll(literal, plain),
    trace(text) {
      const places = new IdBuffer();
      let grown = text.text.length;
      eachMatch(text.text, pattern, (start, end) => {
        places.push(start);
        places.push(end);
        grown += content.length - (end - start);
        checkGrowth(text.text.length, grown);
      });
      return places.length === 0 ? text : text.rewrite(edits(text.text, places, content));
    },
  };
}

function* edits(text: string, places: IdBuffer, content: string): Generator<Edit> {
  for (let i = 0; i < places.length; i += 2) {
    const end = places.at(i + 1);
    yield { start: places.at(i), end, content, from: Math.max(0, characterStart(text, end)), to: end };
  }
}

/** Unlike String.prototype.replace, no empty match stands at the end of another match. */
export function replaceMatches(text: string, pattern: RegExp, content: string): string {
  let out = '';
  let done = 0;
  eachMatch(text, pattern, (start, end) => {
    out += text.slice(done, start) + content;
    done = end;
    checkGrowth(done, out.length);
  });
  return done === 0 && out === '' ? text : out + text.slice(done);
}
