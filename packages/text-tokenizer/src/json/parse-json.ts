import { fileError, inputError, type TokenizerError } from '../errors.js';
import { JsonReader } from './json-reader.js';

export interface ParseLimits {
  /** Bytes of the file; 256 MiB by default. */
  readonly maximumBytes?: number | undefined;
  /** Nesting of objects and arrays; 64 by default (published files need about 10). */
  readonly maximumDepth?: number | undefined;
  /** Values in all objects and arrays together; 5,000,000 by default (a vocabulary of 262,144 tokens with its merges needs about 2,000,000). */
  readonly maximumValues?: number | undefined;
}

/**
 * Parses JSON from a string or UTF-8 bytes, after a scan that refuses what would exhaust memory or the stack.
 * Throws TOKENIZER_FILE with the byte offset, of a string with that of the UTF-16 unit.
 */
export function parseJson(
  input: string | Uint8Array,
  name: string,
  { maximumBytes = 2 ** 28, maximumDepth = 64, maximumValues = 5_000_000 }: ParseLimits = {},
): unknown {
  if (input.length > maximumBytes) {
    throw fileError(
      `${name} has ${input.length} bytes, but at most ${maximumBytes} are read.`,
      'Raise limits.maximumBytes if this file is to be trusted.',
    );
  }
  const open = checkShape(input, name, maximumDepth, maximumValues);
  try {
    return JSON.parse(typeof input === 'string' ? withoutMark(input) : new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch (cause) {
    const start = typeof input === 'string' ? input.slice(0, 99) : String.fromCharCode(...input.subarray(0, 99));
    // Of a web page the brackets say nothing.
    const short = open && /^(ï»¿)?\s*[[{]/.test(start) ? `: it is cut short at ${unit(input)} ${input.length}` : '';
    throw fileError(
      `${name} is not valid JSON${short} (${(cause as Error).message}).`,
      'The file may be cut short, or a Git LFS pointer; fetch it again.',
      cause,
    );
  }
}

/** A text without its byte order mark, which `TextDecoder` takes off bytes. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

const unit = (input: string | Uint8Array) => (typeof input === 'string' ? 'character' : 'byte');

/** A file as its text, its bytes, or already parsed. */
export type JsonInput = string | Uint8Array | ArrayBuffer | object;

/** Parses what is not parsed yet. Throws TOKENIZER_FILE, and TOKENIZER_INPUT for a promise, a Response and other things that are no JSON. */
export function openJson(input: JsonInput, name: string, limits: ParseLimits | undefined): JsonReader {
  // The tag holds across realms, where `instanceof` does not.
  const tag = Object.prototype.toString.call(input).slice(8, -1);
  if (tag === 'ArrayBuffer') return new JsonReader(parseJson(new Uint8Array(input as ArrayBuffer), name, limits), name);
  if (typeof input === 'string' || input instanceof Uint8Array) return new JsonReader(parseJson(input, name, limits), name);
  if (typeof input === 'object' && tag !== 'Object' && tag !== 'Array' && tag !== 'Null') {
    throw inputError(
      `${name} is a ${tag}, but its text, its bytes or the parsed JSON was expected.`,
      'Await the promise, or pass await response.json().',
    );
  }
  return new JsonReader(input, name);
}

/** Counts brackets and commas outside strings: a hundred megabytes of `[],` would become gigabytes of arrays. Is something left open? */
function checkShape(input: string | Uint8Array, name: string, maximumDepth: number, maximumValues: number): boolean {
  const text = typeof input === 'string';
  let depth = 0;
  let values = 0;
  let quoted = false;
  for (let i = 0; i < input.length; i++) {
    const code = text ? input.charCodeAt(i) : input[i]!;
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maximumDepth) throw tooBig(`nests deeper than ${maximumDepth} levels at ${unit(input)} ${i}`, name, 'maximumDepth');
      values++;
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c && ++values > maximumValues)
      throw tooBig(`has more than ${maximumValues} values at ${unit(input)} ${i}`, name, 'maximumValues');
  }
  return quoted || depth > 0;
}

function tooBig(what: string, name: string, limit: keyof ParseLimits): TokenizerError {
  return fileError(`${name} ${what}.`, `No published tokenizer does; check where the file comes from, or raise limits.${limit}.`);
}
