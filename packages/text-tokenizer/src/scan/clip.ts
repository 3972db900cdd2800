import type { Splitter } from '../pipeline/stages.js';
import { classAt, classTable, letter, mark, number, other, white } from './character-class.js';
import { contractionEnd, runEnd } from './runs.js';

/** `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`, white space dropped (the tokenizer.json of CLIP). */
export const scanClip: Splitter = (text, emit) => {
  const table = classTable();
  const length = text.length;
  let start = 0;
  while (start < length) {
    const kind = classAt(table, text, start);
    const next = start + 1 + (kind >> 8);
    if ((kind & white) !== 0) {
      start = next;
      continue;
    }
    let end = contractionEnd(text, start, false);
    if (end === start) {
      if ((kind & letter) !== 0) end = runEnd(table, text, next, letter);
      else if ((kind & number) !== 0) end = next;
      else end = runEnd(table, text, next, other | mark);
    }
    emit(start, end);
    start = end;
  }
};
