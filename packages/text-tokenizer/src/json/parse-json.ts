import { TokenizerError } from '../errors.js';

export interface ParseLimits {
  /** Bytes of the file; 256 MiB by default. */
  readonly maximumBytes?: number;
  /** Nesting of objects and arrays; 64 by default (published files need about 10). */
  readonly maximumDepth?: number;
}

/**
 * Parses JSON from a string or UTF-8 bytes, after a scan that refuses what would exhaust memory or the stack.
 * Throws TOKENIZER_FILE with the byte offset.
 */
export function parseJson(
  input: string | Uint8Array,
  name: string,
  { maximumBytes = 2 ** 28, maximumDepth = 64 }: ParseLimits = {},
): unknown {
  if (input.length > maximumBytes) {
    throw new TokenizerError({
      code: 'TOKENIZER_FILE',
      message: `${name} has ${input.length} bytes, but at most ${maximumBytes} are read.`,
      fix: 'Raise limits.maximumBytes if this file is to be trusted.',
    });
  }
  checkDepth(input, name, maximumDepth);
  try {
    return JSON.parse(typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch (cause) {
    throw new TokenizerError({
      code: 'TOKENIZER_FILE',
      message: `${name} is not valid JSON (${(cause as Error).message}).`,
      fix: 'The file may be cut short, or a Git LFS pointer; fetch it again.',
      cause,
    });
  }
}

function checkDepth(input: string | Uint8Array, name: string, maximumDepth: number): void {
  const text = typeof input === 'string';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < input.length; i++) {
    const code = text ? input.charCodeAt(i) : input[i]!;
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maximumDepth) {
        throw new TokenizerError({
          code: 'TOKENIZER_FILE',
          message: `${name} nests deeper than ${maximumDepth} levels at byte ${i}.`,
          fix: 'No published tokenizer does; check where the file comes from.',
        });
      }
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}
