import { classAt, newline, number, white } from './character-class.js';

/** Where the run of characters of one of these classes ends that goes on at `at`. */
export function runEnd(table: Uint8Array, text: string, at: number, classes: number): number {
  const length = text.length;
  while (at < length) {
    const kind = classAt(table, text, at);
    if ((kind & classes) === 0) break;
    at += kind > 255 ? 2 : 1;
  }
  return at;
}

/** `\p{N}{1,limit}`, of which one is at `at`. */
export function numbersEnd(table: Uint8Array, text: string, at: number, limit: number): number {
  for (let count = 0; count < limit && at < text.length; count++) {
    const kind = classAt(table, text, at);
    if ((kind & number) === 0) break;
    at += kind > 255 ? 2 : 1;
  }
  return at;
}

/** `\s+(?!\S)|\s+`: a run of white space leaves its last character to what follows, unless it is alone. */
export function spacesEnd(table: Uint8Array, text: string, at: number): number {
  const end = runEnd(table, text, at, white);
  return end === text.length || end === at + 1 ? end : end - 1;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+`: a run of white space ends after its last line break, if it has one. */
export function linesEnd(table: Uint8Array, text: string, at: number): number {
  const end = runEnd(table, text, at, white);
  for (let i = end; i > at; i--) if (table[text.charCodeAt(i - 1)] === newline) return i;
  return end === text.length || end === at + 1 ? end : end - 1;
}

/** Where `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` ends whose apostrophe is at `at`; `at` itself where there is none. */
export function contractionEnd(text: string, at: number, ignoreCase: boolean): number {
  if (text.charCodeAt(at) !== 0x27) return at;
  const first = fold(text, at + 1, ignoreCase);
  switch (first) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return at + 2;
    case 0x6c: // l
      return fold(text, at + 2, ignoreCase) === 0x6c ? at + 3 : at;
    case 0x72: // r
    case 0x76: // v
      return fold(text, at + 2, ignoreCase) === 0x65 ? at + 3 : at;
    default:
      return at;
  }
}

/** ſ is the one letter beyond ASCII that folds to a letter of a contraction. */
function fold(text: string, at: number, ignoreCase: boolean): number {
  const code = text.charCodeAt(at);
  if (!ignoreCase) return code;
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code === 0x17f ? 0x73 : code;
}
