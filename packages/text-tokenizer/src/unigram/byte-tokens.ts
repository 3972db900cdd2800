import { writeUtf8 } from '../bytes.js';
import type { IdBuffer } from '../id-buffer.js';
import type { Vocabulary } from '../vocabulary.js';

/** How SentencePiece spells a byte: `<0x0A>`. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

/** The byte tokens of a vocabulary, for what it cannot spell otherwise. */
export class ByteTokens {
  /** -1 where there is none. */
  readonly #ids: Int32Array;
  #bytes = new Uint8Array(16);

  constructor(vocabulary: Vocabulary) {
    this.#ids = Int32Array.from({ length: 256 }, (_, byte) => vocabulary.id(byteToken(byte)) ?? -1);
  }

  /** Is every byte a token? */
  get complete(): boolean {
    return !this.#ids.includes(-1);
  }

  /** Appends the byte tokens of a text, or nothing, and false, when one is missing. */
  push(text: string, out: IdBuffer): boolean {
    const bytes = text.length * 3 > this.#bytes.length ? new Uint8Array(text.length * 3) : this.#bytes;
    const count = writeUtf8(text, bytes);
    for (let i = 0; i < count; i++) if (this.#ids[bytes[i]!]! < 0) return false;
    for (let i = 0; i < count; i++) out.push(this.#ids[bytes[i]!]!);
    return true;
  }
}
