import { fileError, type TokenizerError } from '../errors.js';

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads one message of the protocol buffers wire format; every length is checked against what is there. */
export class WireReader {
  /** The field that {@link next} found, and how it is written. */
  field = 0;
  wireType = 0;
  readonly #view: DataView;
  #at: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
    start = 0,
    readonly end: number = bytes.length,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at === this.end) return false;
    const tag = this.varint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0) throw this.error('there is a field of number 0');
    return true;
  }

  /** Passes over the field that {@link next} found. */
  skip(): void {
    if (this.wireType === wireTypes.varint) this.varint();
    else if (this.wireType === wireTypes.bytes) this.range();
    else if (this.wireType === wireTypes.fixed32) this.#take(4);
    else if (this.wireType === wireTypes.fixed64) this.#take(8);
    else throw this.error(`field ${this.field} has the wire type ${this.wireType}, which these files do not have`);
  }

  /** The lowest 32 bits, signed. */
  varint(): number {
    let low = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[this.#take(1)]!;
      if (i < 5) low |= (byte & 127) << (7 * i);
      if (byte < 128) return low;
    }
    throw this.error('a number has more than ten bytes');
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** Where the bytes, text or message lie that come next. */
  range(): readonly [start: number, end: number] {
    const length = this.varint();
    const start = this.#take(length < 0 ? Number.POSITIVE_INFINITY : length);
    return [start, start + length];
  }

  message(): WireReader {
    return new WireReader(this.bytes, this.name, ...this.range());
  }

  text(): string {
    const [start, end] = this.range();
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(start, end));
    } catch {
      throw this.error('a text is not UTF-8', start);
    }
  }

  error(message: string, at = this.#at): TokenizerError {
    return fileError(
      `${this.name} is damaged: at byte ${at}, ${message}.`,
      'The file may be cut short, or a Git LFS pointer, or no SentencePiece model; fetch it again.',
    );
  }

  #take(length: number): number {
    const start = this.#at;
    if (length > this.end - start)
      throw this.error(
        `${length === Number.POSITIVE_INFINITY ? 'too many' : length} bytes should follow, but there are ${this.end - start}`,
      );
    this.#at = start + length;
    return start;
  }
}
