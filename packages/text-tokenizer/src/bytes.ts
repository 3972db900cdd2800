/** GPT-2's byte alphabet (Radford et al. 2019, encoder.py): every byte as one printable character, so that BPE works on strings. */
export const byteCharacters: readonly string[] = /* @__PURE__ */ (() => {
  const characters: string[] = [];
  let shifted = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    characters.push(String.fromCharCode(printable ? byte : shifted++));
  }
  return characters;
})();

/** The way back: the byte of each character code below 324, or -1. */
const bytesOfCharacters: Int16Array = /* @__PURE__ */ (() => {
  const table = new Int16Array(324).fill(-1);
  for (let byte = 0; byte < 256; byte++) table[byteCharacters[byte]!.charCodeAt(0)] = byte;
  return table;
})();

/** The byte that a character of the byte alphabet stands for, or -1. */
export function byteOfCharacter(code: number): number {
  return bytesOfCharacters[code] ?? -1;
}

/** Appends the bytes that a byte-level token spells, or its UTF-8 where a character is outside the byte alphabet (added tokens). */
export function appendTokenBytes(token: string, bytes: number[]): void {
  const start = bytes.length;
  for (let i = 0; i < token.length; i++) {
    const byte = bytesOfCharacters[token.charCodeAt(i)] ?? -1;
    if (byte < 0) {
      bytes.length = start;
      for (const utf8 of new TextEncoder().encode(token)) bytes.push(utf8);
      return;
    }
    bytes.push(byte);
  }
}

/**
 * Writes the UTF-8 bytes of `text.slice(start, end)` into `out`, which must hold three for each unit, and returns their number. A lone
 * surrogate becomes U+FFFD. Written out because a call of TextEncoder costs more than a whole short word.
 */
export function writeUtf8(text: string, out: Uint8Array, start = 0, end = text.length): number {
  let n = 0;
  for (let i = start; i < end; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      out[n++] = code;
      continue;
    }
    if (code < 0x800) {
      out[n++] = 0xc0 | (code >> 6);
      out[n++] = 0x80 | (code & 63);
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 && i + 1 < end ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
        out[n++] = 0xf0 | (code >> 18);
        out[n++] = 0x80 | ((code >> 12) & 63);
        out[n++] = 0x80 | ((code >> 6) & 63);
        out[n++] = 0x80 | (code & 63);
        continue;
      }
      code = 0xfffd;
    }
    out[n++] = 0xe0 | (code >> 12);
    out[n++] = 0x80 | ((code >> 6) & 63);
    out[n++] = 0x80 | (code & 63);
  }
  return n;
}

/** UTF-8 to text as Rust's `from_utf8_lossy` and Python's `errors="replace"` do it; a byte order mark is text. */
export function decodeUtf8(bytes: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
