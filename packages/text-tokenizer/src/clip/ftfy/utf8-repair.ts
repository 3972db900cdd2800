/** What the functions here take for bytes are strings of characters up to U+00FF, so that regular expressions can search them. */

/** UTF-8 that would be whole if a space were byte 0xa0: only lead bytes of characters that occur next to spaces in practice. */
const spaceInUtf8 = /* @__PURE__ */ (() => {
  // Without those that would make the character improbable after a space was lost: 0x85, often an ellipsis, and 0xa0.
  const next = '[\\x80-\\x84\\x86-\\x9f\\xa1-\\xbf]';
  const any = '[\\x80-\\xbf]';
  return new RegExp(
    `[\\xc2\\xc3\\xc5\\xce\\xd0\\xd9] |[\\xe2\\xe3] ${next}|[\\xe0-\\xe3]${next} |\\xf0(?: ${any}{2}|${any} ${any}|${any}{2} )`,
    'g',
  );
})();
/** A lone "à", whose second byte merged with the space after it; Portuguese contractions ("às", "àquele") are whole words. */
const loneAGrave = /\xc3 (?! |quele|quela|quilo|s )/g;

/** Puts byte 0xa0 back where a program made it a space (ftfy 6.3, restore_byte_a0). */
export function restoreByteA0(bytes: string): string {
  if (bytes.search(spaceInUtf8) < 0) return bytes;
  return bytes.replace(loneAGrave, '\xc3\xa0 ').replace(spaceInUtf8, (match) => match.replaceAll(' ', '\xa0'));
}

const lossyUtf8 = /* @__PURE__ */ (() => {
  const lost = '[\\x1a?]';
  const next = '[\\x80-\\xbf\\x1a]';
  const nextOrMark = '[\\x80-\\xbf\\x1a?]';
  return new RegExp(
    [
      '[\\xc2-\\xdf]\\x1a|[\\xc2\\xc3]\\?',
      `\\xed[\\xa0-\\xaf](?:${lost}\\xed[\\xb0-\\xbf]${nextOrMark}|${nextOrMark}\\xed[\\xb0-\\xbf]${lost})`,
      `[\\xe0-\\xef](?:${lost}${next}|${next}${lost})`,
      `[\\xf0-\\xf4](?:${lost}${next}${next}|${next}${lost}${next}|${next}${next}${lost})`,
      '\\x1a',
    ].join('|'),
    'g',
  );
})();

/** UTF-8 sequences of which a byte was lost (0x1a, or one question mark) become U+FFFD (ftfy 6.3, replace_lossy_sequences). */
export function replaceLossySequences(bytes: string): string {
  return bytes.replace(lossyUtf8, '\xef\xbf\xbd');
}

/**
 * Java's two-byte U+0000, and surrogate pairs as three bytes each (CESU-8). A line feed at the very end passes for the last continuation
 * byte, as in the original, whose pattern takes the place before it for the end.
 */
const variants = /\xc0(?:\x80|\n$)|\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf](?:[\x80-\xbf]|\n$)/g;

/** What is most often wrong, to be found without decoding: a continuation byte after none, or none after a lead byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const notUtf8 = /(?:^|[\x00-\x7f])[\x80-\xbf]|[\xc2-\xf4][^\x80-\xbf]/;

/** Decodes UTF-8 (with CESU-8 and Java's U+0000), or gives undefined when it is not valid. */
export function decodeUtf8Variants(bytes: string): string | undefined {
  if (notUtf8.test(bytes)) return undefined;
  const plain = bytes.replace(variants, (match) => (match.length === 2 ? '\0' : fourBytes(match)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(byteArray(plain));
  } catch {
    return undefined;
  }
}

function byteArray(bytes: string): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

/** The UTF-8 of a character whose surrogates were written with three bytes each. */
function fourBytes(pair: string): string {
  const bits = (at: number, mask: number) => pair.charCodeAt(at) & mask;
  const code = 0x10000 + ((bits(1, 15) << 16) | (bits(2, 63) << 10) | (bits(4, 15) << 6) | bits(5, 63));
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
}
