import type { TokenBytes } from '../bpe/token-table.js';
import { describe, fileError, inputError, type TokenizerError } from '../errors.js';

const maximumTokens = 2_000_000;
/** Ranks need not be dense, but a file of ten tokens may not ask for a table of four million. */
const maximumRank = 2 ** 22;
const maximumSparseness = 16;

/** The value of each base64 digit; 64 for anything else. */
const digits: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(256).fill(64);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
})();

/**
 * Reads a `.tiktoken` file, whose lines are a token's bytes in base64, a space, and its rank (openai/tiktoken, load.py).
 * Throws TOKENIZER_FILE with the line and the byte offset.
 */
export function readRanks(file: string | Uint8Array, maximumBytes: number): TokenBytes {
  const input = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  if (!(input instanceof Uint8Array)) {
    throw inputError(
      `the .tiktoken file is ${describe(input)}, but its text or its bytes (Uint8Array) were expected.`,
      'Read the file first.',
    );
  }
  if (input.length > maximumBytes) {
    throw fileError(
      `the .tiktoken file has ${input.length} bytes, but at most ${maximumBytes} are read.`,
      'Raise limits.maximumBytes if this file is to be trusted.',
    );
  }
  return new RankReader(input).read();
}

class RankReader {
  #line = 1;
  #starts = new Int32Array(4096);
  #lengths = new Int32Array(4096);
  #size = 0;
  #count = 0;
  /** No line can give more bytes than it has digits. */
  readonly #bytes: Uint8Array;

  constructor(readonly input: Uint8Array) {
    this.#bytes = new Uint8Array(Math.ceil((input.length * 3) / 4) + 3);
  }

  read(): TokenBytes {
    const { input } = this;
    const bytes = this.#bytes;
    let used = 0;
    for (let at = 0; at < input.length; this.#line++) {
      if (input[at] === 0x0a || input[at] === 0x0d) {
        if (input[at] === 0x0d && input[at + 1] === 0x0a) at++;
        at++;
        continue;
      }
      const lineStart = at;
      const start = used;
      for (;;) {
        const a = digits[input[at]!] ?? 64;
        const b = digits[input[at + 1]!] ?? 64;
        const c = digits[input[at + 2]!] ?? 64;
        const d = digits[input[at + 3]!] ?? 64;
        if ((a | b | c | d) < 64) {
          bytes[used] = (a << 2) | (b >> 4);
          bytes[used + 1] = (b << 4) | (c >> 2);
          bytes[used + 2] = (c << 6) | d;
          used += 3;
          at += 4;
          continue;
        }
        if (input[at] === 0x20) break;
        const two = (a | b) < 64 && input[at + 2] === 0x3d && input[at + 3] === 0x3d;
        const three = (a | b | c) < 64 && input[at + 3] === 0x3d;
        // The bits that are left over must be 0: a second spelling of the same bytes would be a mistake.
        if ((!two && !three) || (two ? b & 15 : c & 3) !== 0 || input[at + 4] !== 0x20) {
          throw this.#damaged(lineStart, at, 'is not "base64 rank" (the token is no base64)');
        }
        bytes[used++] = (a << 2) | (b >> 4);
        if (three) bytes[used++] = (b << 4) | (c >> 2);
        at += 4;
        break;
      }
      if (used === start)
        throw this.#damaged(
          lineStart,
          at,
          'has an empty token',
          "Read Whisper's multilingual.tiktoken, which has one, with whisperTokenizer.",
        );
      at++;
      const rankStart = at;
      let rank = 0;
      while (input[at]! >= 0x30 && input[at]! <= 0x39 && at - rankStart < 10) rank = rank * 10 + input[at++]! - 0x30;
      if (at === rankStart || (at < input.length && input[at] !== 0x0a && input[at] !== 0x0d))
        throw this.#damaged(lineStart, at, 'has a rank that is no whole number');
      if (rank >= Math.min(maximumRank, (input.length / 7) * maximumSparseness + 65_536))
        throw this.#damaged(lineStart, rankStart, `has the rank ${rank}, which would leave huge gaps in a file of ${input.length} bytes`);
      this.#add(rank, start, used - start, lineStart, rankStart);
      if (input[at] === 0x0d && input[at + 1] === 0x0a) at++;
      at++;
    }
    return {
      bytes: bytes.slice(0, used),
      starts: this.#starts.slice(0, this.#size),
      lengths: this.#lengths.slice(0, this.#size),
      count: this.#count,
    };
  }

  #add(rank: number, start: number, length: number, lineStart: number, rankStart: number): void {
    if (rank >= this.#starts.length) {
      const size = Math.max(rank + 1, this.#starts.length * 2);
      this.#starts = grown(this.#starts, size);
      this.#lengths = grown(this.#lengths, size);
    }
    if (this.#lengths[rank] !== 0) throw this.#damaged(lineStart, rankStart, `repeats the rank ${rank}`);
    if (++this.#count > maximumTokens) throw this.#damaged(lineStart, rankStart, `is beyond the ${maximumTokens} tokens that are read`);
    this.#starts[rank] = start;
    this.#lengths[rank] = length;
    if (rank >= this.#size) this.#size = rank + 1;
  }

  #damaged(
    lineStart: number,
    at: number,
    what: string,
    fix = 'The file may be cut short, or a Git LFS pointer or a web page; fetch it again.',
  ): TokenizerError {
    const line = new TextDecoder().decode(this.input.subarray(lineStart, lineStart + 40)).split(/[\r\n]/)[0]!;
    return fileError(`line ${this.#line} of the .tiktoken file (${describe(line)}), at byte ${at}, ${what}.`, fix);
  }
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
