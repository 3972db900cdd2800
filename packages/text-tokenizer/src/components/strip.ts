import type { JsonReader } from '../json/json-reader.js';
import type { Rewriter } from '../pipeline/stages.js';

const whiteSpace = /\p{White_Space}/u;

/** Takes white space (the Unicode property) off the ends of a text. */
export function readStrip(json: JsonReader): Rewriter {
  const left = json.field('strip_left').boolean(true);
  const right = json.field('strip_right').boolean(true);
  // Loops, since a pattern that ends in `$` would look at every run of spaces from each of its places.
  const range = (text: string): [start: number, end: number] => {
    let start = 0;
    let end = text.length;
    if (left) while (start < end && whiteSpace.test(text[start]!)) start++;
    if (right) while (end > start && whiteSpace.test(text[end - 1]!)) end--;
    return [start, end];
  };
  return { apply: (text) => text.slice(...range(text)), trace: (text) => text.slice(...range(text.text)) };
}
