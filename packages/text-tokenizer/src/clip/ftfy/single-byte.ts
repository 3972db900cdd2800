import { packedTables } from '../generated/single-byte.js';

/** An encoding of one byte per character, through which UTF-8 may have been read by mistake. Bytes are strings of characters up to U+00FF. */
export interface SingleByteEncoding {
  /** The characters of the bytes 0x80 to 0xff. */
  readonly upperHalf: string;
  /** A Windows code page: unassigned bytes are those of Latin-1, and byte 0x1a stands for U+FFFD, a byte that an earlier program lost. */
  readonly lossy: boolean;
  /** Mac Roman's no-break space is no 0xa0, so that a space cannot have come from there. */
  readonly spaceFromA0: boolean;
  /** The bytes of a text, or undefined when the encoding lacks one of its characters. */
  readonly encode: (text: string) => string | undefined;
}

/** As many as `String.fromCharCode` takes as arguments everywhere. */
const chunk = 4096;
const absent = 256;

let encodings: readonly SingleByteEncoding[] | undefined;

/** Latin-1, windows-1252, 1251, 1250, 1253, 1254, 1257, ISO 8859-2, Mac Roman and code page 437: ftfy's, in the order it tries them. */
export function singleByteEncodings(): readonly SingleByteEncoding[] {
  encodings ??= Array.from({ length: 10 }, (_, i) => {
    const table = i === 0 ? '_'.repeat(128) : packedTables.slice((i - 1) * 128, i * 128);
    const upperHalf = Array.from(table, (character, j) => (character === '_' ? String.fromCharCode(128 + j) : character)).join('');
    const lossy = i >= 1 && i <= 6;
    let bytes: Uint16Array | undefined;
    return {
      upperHalf,
      lossy,
      spaceFromA0: i !== 8,
      encode(text) {
        bytes ??= invert(upperHalf, lossy);
        return translate(text, bytes);
      },
    };
  });
  return encodings;
}

/** The byte of every UTF-16 unit, or `absent`. */
function invert(upperHalf: string, lossy: boolean): Uint16Array {
  const bytes = new Uint16Array(65_536).fill(absent);
  for (let i = 0; i < 128; i++) {
    bytes[i] = i;
    bytes[upperHalf.charCodeAt(i)] = 128 + i;
  }
  if (lossy) {
    bytes[0x1a] = absent;
    bytes[0xfffd] = 0x1a;
  }
  return bytes;
}

function translate(text: string, bytes: Uint16Array): string | undefined {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[text.charCodeAt(i)]!;
    if (byte === absent) return undefined;
    codes[i] = byte;
  }
  let out = '';
  for (let i = 0; i < codes.length; i += chunk) out += String.fromCharCode(...codes.subarray(i, i + chunk));
  return out;
}
