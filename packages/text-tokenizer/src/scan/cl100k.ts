import type { Splitter } from '../pipeline/stages.js';
import { classAt, classTable, letter, mark, newline, number, other } from './character-class.js';
import { contractionEnd, linesEnd, numbersEnd, runEnd } from './runs.js';

/**
 * `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`: GPT-4 and
 * Llama 3 with three digits (openai/tiktoken, openai_public.py), Qwen with one.
 */
export function cl100kScanner(digits: number): Splitter {
  return (text, emit) => {
    const table = classTable();
    const length = text.length;
    let start = 0;
    while (start < length) {
      const end = wordEnd(table, text, start, length, digits);
      emit(start, end);
      start = end;
    }
  };
}

function wordEnd(table: Uint8Array, text: string, start: number, length: number, digits: number): number {
  const kind = classAt(table, text, start);
  if ((kind & letter) !== 0) return runEnd(table, text, start + 1 + (kind >> 8), letter);
  if ((kind & number) !== 0) return numbersEnd(table, text, start, digits);
  const contraction = contractionEnd(text, start, true);
  if (contraction !== start) return contraction;
  const next = start + 1 + (kind >> 8);
  const nextKind = next < length ? classAt(table, text, next) : 0;
  if ((nextKind & letter) !== 0 && kind !== newline) return runEnd(table, text, next + 1 + (nextKind >> 8), letter);
  if ((kind & (other | mark)) !== 0) return runEnd(table, text, runEnd(table, text, next, other | mark), newline);
  if ((nextKind & (other | mark)) !== 0 && text.charCodeAt(start) === 0x20)
    return runEnd(table, text, runEnd(table, text, next, other | mark), newline);
  return linesEnd(table, text, start);
}
