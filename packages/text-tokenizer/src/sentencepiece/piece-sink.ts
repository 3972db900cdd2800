import type { IdBuffer } from '../id-buffer.js';
import type { ByteTokens } from '../unigram/byte-tokens.js';

/** Takes the pieces of one text from left to right, and makes of unknown ones what the library does (sentencepiece_processor.cc). */
export class PieceSink {
  #unknownStart = -1;
  #unknownEnd = -1;

  constructor(
    readonly unknownId: number,
    /** What spells unknown pieces; without it, those that follow each other are one. */
    readonly bytes: ByteTokens | undefined,
    readonly out: IdBuffer,
    readonly spans: IdBuffer | undefined,
  ) {}

  push(id: number, text: string, start: number, end: number): void {
    if (id !== this.unknownId) {
      this.flush();
      this.#add(id, start, end);
    } else if (this.bytes === undefined) {
      if (this.#unknownStart < 0) this.#unknownStart = start;
      this.#unknownEnd = end;
    } else {
      const first = this.out.length;
      this.bytes.push(text.slice(start, end), this.out);
      // The last byte stands for the character, those before it for nothing.
      for (let left = this.out.length - first; left > 0; left--) {
        this.spans?.push(start);
        this.spans?.push(left === 1 ? end : start);
      }
    }
  }

  flush(): void {
    if (this.#unknownStart >= 0) this.#add(this.unknownId, this.#unknownStart, this.#unknownEnd);
    this.#unknownStart = -1;
  }

  #add(id: number, start: number, end: number): void {
    this.out.push(id);
    this.spans?.push(start);
    this.spans?.push(end);
  }
}
