import { characterLength } from '../characters.js';
import { IdBuffer } from '../id-buffer.js';
import { isMark, normalize, sortsBefore } from '../normalize.js';
import type { Edit, TracedText } from '../pipeline/traced-text.js';

/**
 * Characters, and for each how many more characters of the old text than itself it uses up: 1 for one that was added, -1 for one made of two.
 * A character can become 18, so these are no objects.
 */
interface Changes {
  readonly codes: IdBuffer;
  readonly uses: IdBuffer;
}

/** `text` in a normalisation form, aligned as huggingface/tokenizers does: a composed character comes from its first part. */
export function alignNormalization(text: TracedText, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): TracedText {
  const decomposed = decompose(text.text, form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD');
  return text.rewrite(edits(text.text, form === 'NFC' || form === 'NFKC' ? compose(decomposed) : decomposed));
}

function decompose(text: string, form: 'NFD' | 'NFKD'): Changes {
  // Canonical order is stable, so the n-th of a character before is the n-th of it after: no table of combining classes is needed.
  const queues = new Map<number, { readonly uses: IdBuffer; next: number }>();
  for (const character of text) {
    let uses = 0;
    for (const part of character.normalize(form)) {
      const code = part.codePointAt(0)!;
      let queue = queues.get(code);
      if (queue === undefined) {
        queue = { uses: new IdBuffer(), next: 0 };
        queues.set(code, queue);
      }
      queue.uses.push(uses);
      uses = 1;
    }
  }
  const changes = { codes: new IdBuffer(), uses: new IdBuffer() };
  for (const part of normalize(text, form)) {
    const code = part.codePointAt(0)!;
    const queue = queues.get(code)!;
    changes.codes.push(code);
    changes.uses.push(queue.uses.at(queue.next++));
  }
  return changes;
}

/** The composition algorithm (Unicode Standard Annex 15), with the changes added up. */
function compose(changes: Changes): Changes {
  const codes = new IdBuffer();
  const allUses = new IdBuffer();
  // The last starter, which is written when the next one comes, with the marks after it; the mark that may stand between.
  let starter: number | undefined;
  let starterUses = 0;
  const marks = { codes: new IdBuffer(), uses: new IdBuffer() };
  let between: string | undefined;
  const write = () => {
    if (starter !== undefined) {
      codes.push(starter);
      allUses.push(starterUses);
    }
    for (let i = 0; i < marks.codes.length; i++) {
      codes.push(marks.codes.at(i));
      allUses.push(marks.uses.at(i));
    }
    marks.codes.clear();
    marks.uses.clear();
  };
  for (let i = 0; i < changes.codes.length; i++) {
    const code = changes.codes.at(i);
    const uses = changes.uses.at(i);
    const character = String.fromCodePoint(code);
    const mark = isMark(character);
    if (starter !== undefined && (between === undefined || (mark && sortsBefore(between, character)))) {
      const both = code < 0x300 ? '' : (String.fromCodePoint(starter) + character).normalize('NFC');
      if (both !== '' && both.length === characterLength(both)) {
        starter = both.codePointAt(0)!;
        starterUses += uses - 1;
        continue;
      }
    }
    if (mark) {
      if (starter !== undefined) between = character;
      marks.codes.push(code);
      marks.uses.push(uses);
    } else {
      write();
      starter = code;
      starterUses = uses;
      between = undefined;
    }
  }
  write();
  return { codes, uses: allUses };
}

function* edits(text: string, changes: Changes): Generator<Edit> {
  let at = 0;
  let previous = 0;
  const step = () => {
    previous = at;
    at += characterLength(text, at);
  };
  for (let n = 0; n < changes.codes.length; n++) {
    const content = String.fromCodePoint(changes.codes.at(n));
    const uses = changes.uses.at(n);
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
