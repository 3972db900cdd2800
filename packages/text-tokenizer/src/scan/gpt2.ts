import type { Splitter } from '../pipeline/stages.js';
import { classAt, classTable, letter, mark, number, other, white } from './character-class.js';
import { contractionEnd, runEnd, spacesEnd } from './runs.js';

/** `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` (Radford et al. 2019, encoder.py). */
export const scanGpt2: Splitter = (text, emit) => {
  const table = classTable();
  const length = text.length;
  let start = 0;
  while (start < length) {
    const code = text.charCodeAt(start);
    let end = code === 0x27 ? contractionEnd(text, start, false) : start;
    if (end === start) {
      const at = code === 0x20 && start + 1 < length ? start + 1 : start;
      const kind = classAt(table, text, at);
      if ((kind & white) !== 0) end = spacesEnd(table, text, start);
      else end = runEnd(table, text, at, (kind & letter) !== 0 ? letter : (kind & number) !== 0 ? number : other | mark);
    }
    emit(start, end);
    start = end;
  }
};
