/** What the published split patterns tell characters apart by: one bit each. A character of two UTF-16 units has {@link wide} too. */
export const other = 1;
export const space = 2;
/** \r and \n, which are not `space` here. */
export const newline = 4;
export const number = 8;
export const mark = 16;
/** Upper and title case. */
export const upper = 32;
export const lower = 64;
/** Letters without case, and modifiers. */
export const uncased = 128;
export const wide = 256;

export const letter = upper | lower | uncased;
export const white = space | newline;

/** Classes of the characters of one unit; 0 is not known yet, and stays so for surrogates. */
let narrow: Uint8Array | undefined;
/** Classes of the other characters, in blocks of 256. */
const blocks: (Uint8Array | undefined)[] = [];

/** The table behind {@link classAt}, made when a text is first scanned: at the start it knows ASCII alone. */
export function classTable(): Uint8Array {
  if (narrow !== undefined) return narrow;
  narrow = new Uint8Array(0x10000).fill(other, 0, 128);
  narrow.fill(space, 9, 14);
  narrow[10] = newline;
  narrow[13] = newline;
  narrow[32] = space;
  narrow.fill(number, 48, 58);
  narrow.fill(upper, 65, 91);
  narrow.fill(lower, 97, 123);
  return narrow;
}

/** The class of the character at `at`, which must be inside the text. */
export function classAt(table: Uint8Array, text: string, at: number): number {
  const known = table[text.charCodeAt(at)]!;
  return known === 0 ? rareClass(table, text, at) : known;
}

function rareClass(table: Uint8Array, text: string, at: number): number {
  const code = text.codePointAt(at)!;
  if (code >= 0x10000) {
    const index = code >> 8;
    let block = blocks[index];
    if (block === undefined) {
      block = new Uint8Array(256);
      classify(block, 0, index << 8);
      blocks[index] = block;
    }
    return block[code & 0xff]! | wide;
  }
  if (code >= 0xd800 && code < 0xe000) return other;
  const first = code & 0xff00;
  classify(table, first === 0 ? 128 : first, first === 0 ? 128 : first, first + 256);
  return table[code]!;
}

const runs = /(\p{White_Space}+)|(\p{N}+)|(\p{M}+)|([\p{Lu}\p{Lt}]+)|(\p{Ll}+)|[\p{Lm}\p{Lo}]+/gu;
const classes = [space, number, mark, upper, lower] as const;

/** Lets the engine's own tables classify the code points from `start` to `end`: a few runs, where asking for each would take long. */
function classify(table: Uint8Array, at: number, start: number, end = start + 256): void {
  const codes = Array.from({ length: end - start }, (_, i) => start + i);
  table.fill(other, at, at + codes.length);
  const units = start < 0x10000 ? 1 : 2;
  for (const match of String.fromCodePoint(...codes).matchAll(runs)) {
    const kind = classes[match.slice(1).findIndex((group) => group !== undefined)] ?? uncased;
    table.fill(kind, at + match.index / units, at + (match.index + match[0].length) / units);
  }
}
