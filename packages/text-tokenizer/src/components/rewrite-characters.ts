import type { Edit, TracedText } from '../pipeline/traced-text.js';

/** Each character (code point) becomes what `write` makes of it, nothing included. */
export function rewriteCharacters(text: TracedText, write: (character: string) => string): TracedText {
  return text.rewrite(edits(text.text, write));
}

function* edits(text: string, write: (character: string) => string): Generator<Edit> {
  let start = 0;
  for (const character of text) {
    const content = write(character);
    const end = start + character.length;
    if (content !== character) yield { start, end, content };
    start = end;
  }
}
