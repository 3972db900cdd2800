import { characterLength } from '../characters.js';
import { isMark, normalize, sortsBefore } from '../normalize.js';
import type { Edit, TracedText } from '../pipeline/traced-text.js';

/** A character and how many more characters of the old text than itself it uses up: 1 for one that was added, -1 for one made of two. */
type Change = readonly [character: string, uses: number];

/** `text` in a normalisation form, aligned as huggingface/tokenizers does: a composed character comes from its first part. */
export function alignNormalization(text: TracedText, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): TracedText {
  const decomposed = decompose(text.text, form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD');
  return text.rewrite(edits(text.text, form === 'NFC' || form === 'NFKC' ? compose(decomposed) : decomposed));
}

function decompose(text: string, form: 'NFD' | 'NFKD'): Change[] {
  // Canonical order is stable, so the n-th of a character before is the n-th of it after: no table of combining classes is needed.
  const queues = new Map<string, { readonly changes: Change[]; next: number }>();
  for (const character of text) {
    let uses = 0;
    for (const part of character.normalize(form)) {
      const queue = queues.get(part) ?? { changes: [], next: 0 };
      queue.changes.push([part, uses]);
      queues.set(part, queue);
      uses = 1;
    }
  }
  return Array.from(normalize(text, form), (part) => {
    const queue = queues.get(part)!;
    return queue.changes[queue.next++]!;
  });
}

/** The composition algorithm (Unicode Standard Annex 15), with the changes added up. */
function compose(changes: readonly Change[]): Change[] {
  const out: Change[] = [];
  // Where the last starter is in `out`, and the mark that may stand between it and the next character.
  let starter = -1;
  let between: string | undefined;
  for (const [character, uses] of changes) {
    const mark = isMark(character);
    const base = out[starter];
    if (base !== undefined && (between === undefined || (mark && sortsBefore(between, character)))) {
      const both = character < '\u0300' ? '' : (base[0] + character).normalize('NFC');
      if (both !== '' && both.length === characterLength(both)) {
        out[starter] = [both, base[1] + uses - 1];
        continue;
      }
    }
    if (!mark) {
      starter = out.length;
      between = undefined;
    } else if (base !== undefined) between = character;
    out.push([character, uses]);
  }
  return out;
}

function* edits(text: string, changes: readonly Change[]): Generator<Edit> {
  let at = 0;
  let previous = 0;
  const step = () => {
    previous = at;
    at += characterLength(text, at);
  };
  for (const [content, uses] of changes) {
    if (uses > 0) {
      yield { start: at, end: at, content, from: previous, to: at };
      continue;
    }
    const start = at;
    step();
    const to = at;
    for (let i = uses; i < 0; i++) step();
    if (at !== to || text.slice(start, to) !== content) yield { start, end: at, content, from: start, to };
  }
}
