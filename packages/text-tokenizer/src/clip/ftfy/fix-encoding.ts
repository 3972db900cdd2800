import { looksBroken } from './badness.js';
import { singleByteEncodings } from './single-byte.js';
import { decodeUtf8Variants, replaceLossySequences, restoreByteA0 } from './utf8-repair.js';

/**
 * How many more UTF-16 units may be worked through. Every round of repair reads the whole text, and a text can be made that asks for as many
 * rounds as it has characters; the original takes quadratic time for it.
 */
export interface Budget {
  left: number;
}

/**
 * Undoes UTF-8 that was read in a single-byte encoding, once or several times, wholly or in part (ftfy 6.3, fix_encoding).
 * What it leaves when the budget is spent is repaired in part.
 */
export function fixEncoding(text: string, budget: Budget): string {
  let fixed = text;
  for (;;) {
    const before = fixed;
    fixed = fixOnce(before, budget);
    if (fixed === before || budget.left < 0) return fixed;
  }
}

function fixOnce(text: string, budget: Budget): string {
  budget.left -= text.length;
  if (isAscii(text) || !looksBroken(text)) return text;
  for (const { encode, lossy, spaceFromA0 } of singleByteEncodings()) {
    let bytes = encode(text);
    if (bytes === undefined) continue;
    if (spaceFromA0) bytes = restoreByteA0(bytes);
    if (lossy) bytes = replaceLossySequences(bytes);
    const fixed = decodeUtf8Variants(bytes);
    if (fixed !== undefined) return fixed;
  }
  const fixed = fixPieces(text, budget);
  return fixed === text ? fixC1Controls(text) : fixed;
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  return !/[^\x00-\x7f]/.test(text);
}

/** Punctuation that may as well stand for itself right before broken text; every other continuation means a larger muddle. */
const punctuation = '–—―‘’‚“”„•…';
let broken: RegExp | undefined;

/** Repairs the pieces that look like UTF-8 in any of the encodings, each for itself (ftfy 6.3, decode_inconsistent_utf8). */
function fixPieces(text: string, budget: Budget): string {
  broken ??= brokenUtf8();
  return text.replace(broken, (piece) =>
    // A piece that is all of the text has just been tried.
    piece.length < text.length && looksBroken(piece) ? fixEncoding(piece, budget) : piece,
  );
}

function brokenUtf8(): RegExp {
  // Mac Roman, code page 437 and ISO 8859-2 would add too many characters that are meant.
  const tables = singleByteEncodings().slice(0, 7);
  const charactersOf = (first: number, last: number) =>
    [...new Set(tables.map(({ upperHalf }) => upperHalf.slice(first - 128, last - 127)).join(''))].join('');
  const continuation = charactersOf(0x80, 0xbf);
  const strict = Array.from(continuation, (character) => (punctuation.includes(character) ? '' : character)).join('');
  const next = `[ ${continuation}]`;
  const two = `[${charactersOf(0xc2, 0xdf)}]${next}`;
  const three = `[${charactersOf(0xe0, 0xef)}]${next}{2}`;
  const four = `[${charactersOf(0xf0, 0xf0)}${charactersOf(0xf3, 0xf3)}]${next}{3}`;
  return new RegExp(`(?<![${strict}])(?:${two}|${three}|${four})+`, 'gu');
}

/** C1 controls become what windows-1252 has in their places, as browsers do it. */
export function fixC1Controls(text: string): string {
  return text.replace(/[\x80-\x9f]/g, (control) => singleByteEncodings()[1]!.upperHalf[control.charCodeAt(0) - 128]!);
}
