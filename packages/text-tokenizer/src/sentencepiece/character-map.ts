/** The longest replacement, in bytes: one unit of text must not become a megabyte. Published files need 36. */
const longestReplacement = 256;

/**
 * SentencePiece's precompiled normalisation rules (normalizer.cc): the size of a Darts double-array trie over UTF-8, the trie, and the
 * replacements, each ended by a zero byte. Every step stays inside the array, whatever a file says.
 */
export class CharacterMap {
  /** Where the rule that was found last ends in the text. */
  end = 0;
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;
  readonly #texts = new Map<number, string>();
  /** Can a rule begin with this ASCII character? */
  readonly #ascii = new Uint8Array(128);
  // The way through the trie: where it is, and the place of the replacement when a rule ends there, else -1.
  #node = 0;
  #value = -1;

  /** Throws what `damaged` makes of a message when the blob is none. */
  constructor(blob: Uint8Array, damaged: (message: string) => Error) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const size = blob.length > 4 ? view.getUint32(0, true) : 0;
    if (size === 0 || size % 4 !== 0 || size > blob.length - 4)
      throw damaged(`has ${blob.length} bytes and a trie of ${size}: no normalisation rules.`);
    this.#units = new Uint32Array(size / 4);
    for (let i = 0; i < this.#units.length; i++) this.#units[i] = view.getUint32(4 + 4 * i, true);
    this.#replacements = blob.slice(4 + size);
    for (let i = 0, start = 0; i <= this.#replacements.length; i++) {
      if (i < this.#replacements.length && this.#replacements[i] !== 0) continue;
      if (i - start > longestReplacement)
        throw damaged(`has a replacement of ${i - start} bytes at byte ${4 + size + start}, but at most ${longestReplacement} are read.`);
      start = i + 1;
    }
    for (let byte = 1; byte < 128; byte++) {
      this.#begin();
      this.#ascii[byte] = this.#step(byte) ? 1 : 0;
    }
  }

  /** What the longest rule for a prefix of `text.slice(at)` writes, or undefined; its end is in {@link end}. */
  longest(text: string, at: number): string | undefined {
    if (!this.#mayBegin(text, at)) return undefined;
    let found = -1;
    this.#begin();
    for (let i = at; i < text.length; ) {
      const next = this.#character(text, i);
      if (next < 0) break;
      i = next;
      if (this.#value < 0) continue;
      found = this.#value;
      this.end = i;
    }
    return found < 0 ? undefined : this.#text(found);
  }

  /** What the shortest rule for a prefix of `text.slice(at, end)` writes, or undefined. */
  shortest(text: string, at: number, end: number): string | undefined {
    if (!this.#mayBegin(text, at)) return undefined;
    this.#begin();
    for (let i = at; i < end; ) {
      const next = this.#character(text, i);
      if (next < 0) return undefined;
      i = next;
      if (this.#value >= 0) return this.#text(this.#value);
    }
    return undefined;
  }

  #mayBegin(text: string, at: number): boolean {
    const code = text.charCodeAt(at);
    return code >= 128 || this.#ascii[code] === 1;
  }

  #begin(): void {
    this.#node = offset(this.#units[0]!);
    this.#value = -1;
  }

  /** Follows the UTF-8 of the character at `at`; gives where it ends, or -1 where no rule goes on. */
  #character(text: string, at: number): number {
    let code = text.charCodeAt(at);
    if (code < 0x80) return this.#step(code) ? at + 1 : -1;
    if (code < 0x800) return this.#step(0xc0 | (code >> 6)) && this.#step(0x80 | (code & 63)) ? at + 1 : -1;
    let end = at + 1;
    if (code >= 0xd800 && code < 0xe000) {
      code = text.codePointAt(at)!;
      if (code > 0xffff) end++;
      else code = 0xfffd;
    }
    const first =
      code < 0x10000 ? this.#step(0xe0 | (code >> 12)) : this.#step(0xf0 | (code >> 18)) && this.#step(0x80 | ((code >> 12) & 63));
    return first && this.#step(0x80 | ((code >> 6) & 63)) && this.#step(0x80 | (code & 63)) ? end : -1;
  }

  #step(byte: number): boolean {
    const units = this.#units;
    const node = this.#node ^ byte;
    const unit = units[node];
    // The label is the lowest byte; bit 31 marks a leaf's value, which is no label.
    if (unit === undefined || (unit & 0x8000_00ff) !== byte || byte === 0) return false;
    this.#node = node ^ offset(unit);
    const leaf = (unit & 0x100) !== 0 ? units[this.#node] : undefined;
    this.#value = leaf === undefined ? -1 : leaf & 0x7fffffff;
    return true;
  }

  #text(start: number): string {
    let text = this.#texts.get(start);
    if (text === undefined) {
      const end = this.#replacements.indexOf(0, start);
      text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#replacements.subarray(start, end < 0 ? undefined : end));
      this.#texts.set(start, text);
    }
    return text;
  }
}

/** How far a unit's children are, by exclusive or. */
function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
