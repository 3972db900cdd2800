import { characterLength } from '../characters.js';
import type { Edit, TracedText } from '../pipeline/traced-text.js';

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

/**
 * Replaces ranges of a text, aligned as huggingface/tokenizers' Precompiled does: the n-th new character comes from the n-th old one, further
 * ones from the last. A range that becomes nothing is counted with the character before it; before the first character there is none, so
 * there, as in the original, what follows moves to the left.
 */
export function alignReplacements(text: TracedText, replacements: readonly Replacement[]): TracedText {
  return text.rewrite(edits(text.text, replacements));
}

function* edits(text: string, replacements: readonly Replacement[]): Generator<Edit> {
  const characters: string[] = [];
  // How many characters of the old text each uses up, itself included; 0 for one that was added.
  const uses: number[] = [];
  let done = 0;
  const keep = (end: number) => {
    for (const character of text.slice(done, end)) {
      characters.push(character);
      uses.push(1);
    }
  };
  for (const { start, end, content } of replacements) {
    keep(start);
    done = end;
    const before = Array.from(text.slice(start, end)).length;
    const after = Array.from(content);
    after.forEach((character, i) => {
      characters.push(character);
      uses.push(i < before ? 1 : 0);
    });
    if (after.length < before && uses.length > 0) uses[uses.length - 1]! += before - after.length;
  }
  keep(text.length);

  let at = 0;
  let previous = 0;
  const step = () => {
    previous = at;
    at += characterLength(text, at);
  };
  for (const [i, content] of characters.entries()) {
    const start = at;
    for (let n = uses[i]!; n > 0; n--) step();
    // One that was added comes from the character before it, as `previous` and `at` still say.
    const from = uses[i] === 0 ? previous : start;
    const to = uses[i] === 0 ? at : start + characterLength(text, start);
    if (text.slice(start, at) !== content) yield { start, end: at, content, from, to };
  }
  if (at < text.length) yield { start: at, end: text.length, content: '' };
}
