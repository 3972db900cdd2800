import { characterStart } from '../characters.js';
import type { Splitter } from '../pipeline/stages.js';
import { classAt, classTable, letter, lower, mark, newline, number, other, uncased, upper, white } from './character-class.js';
import { contractionEnd, linesEnd, numbersEnd, runEnd } from './runs.js';

/** The pattern's two alternatives of letters: capitals, then small letters; letters without case and marks are both. */
const capitals = upper | uncased | mark;
const smalls = lower | uncased | mark;

/**
 * `P?U*L+(C)?|P?U+L*(C)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+` with P = `[^\r\n\p{L}\p{N}]`,
 * U = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, L = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`, C = a contraction (openai/tiktoken, openai_public.py).
 */
export const scanO200k: Splitter = (text, emit) => {
  const table = classTable();
  const length = text.length;
  let start = 0;
  while (start < length) {
    const end = wordEnd(table, text, start, length);
    emit(start, end);
    start = end;
  }
};

function wordEnd(table: Uint8Array, text: string, start: number, length: number): number {
  const kind = classAt(table, text, start);
  if ((kind & number) !== 0) return numbersEnd(table, text, start, 3);
  const next = start + 1 + (kind >> 8);
  if (kind !== newline) {
    const end = lettersEnd(table, text, start, (kind & letter) !== 0 ? start : next, length);
    if (end >= 0) return contractionEnd(text, end, true);
  }
  if ((kind & white) === 0) return punctuationEnd(table, text, next, length);
  if (text.charCodeAt(start) === 0x20 && next < length && (classAt(table, text, next) & other) !== 0)
    return punctuationEnd(table, text, next, length);
  return linesEnd(table, text, start);
}

/** `P?U*L+|P?U+L*` with its backtracking, whose letters begin at `at`; -1 when neither matches. */
function lettersEnd(table: Uint8Array, text: string, start: number, at: number, length: number): number {
  const end = runEnd(table, text, at, capitals);
  if (end < length && (classAt(table, text, end) & lower) !== 0) return runEnd(table, text, end, smalls);
  // `L+` needs one: the last letter of the run that is also a small one, and what comes after it is left to the next word. A mark at the start
  // was taken for P, but serves as well.
  for (let last = end; last > start; ) {
    const previous = characterStart(text, last, start);
    if ((classAt(table, text, previous) & smalls) !== 0) return last;
    last = previous;
  }
  return end > at ? end : -1;
}

function punctuationEnd(table: Uint8Array, text: string, at: number, length: number): number {
  let end = runEnd(table, text, at, other | mark);
  while (end < length && (text.charCodeAt(end) === 0x2f || (classAt(table, text, end) & newline) !== 0)) end++;
  return end;
}
