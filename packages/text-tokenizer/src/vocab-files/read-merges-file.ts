import { describe, fileError, type TokenizerError } from '../errors.js';
import { type ParseLimits, withoutMark } from '../json/parse-json.js';

/** As many as a tokenizer.json may have. */
const maximumMerges = 2_000_000;

/**
 * The merges of a merges.txt, `"left right"` each, in order of rank; `#version` lines and empty ones are skipped.
 * Throws TOKENIZER_FILE with the number of the line that is no pair, or that names a token which `vocabulary` lacks.
 */
export function readMergesFile(
  input: string | Uint8Array,
  vocabulary: ReadonlyMap<string, number>,
  { maximumBytes = 2 ** 28 }: ParseLimits = {},
): string[] {
  if (typeof input !== 'string' && !(input instanceof Uint8Array))
    throw damaged(`is ${describe(input)}, but its text or bytes were expected.`);
  if (input.length > maximumBytes) throw damaged(`has ${input.length} bytes, but at most ${maximumBytes} are read.`);
  const text = typeof input === 'string' ? withoutMark(input) : new TextDecoder().decode(input);
  const merges: string[] = [];
  for (let start = 0, line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const merge = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
    if (merge === '' || merge.startsWith('#version')) continue;
    const space = merge.indexOf(' ');
    if (space <= 0 || space === merge.length - 1 || merge.includes(' ', space + 1))
      throw damaged(`line ${line} is ${describe(merge)}, but "left right" was expected.`);
    for (const token of [merge.slice(0, space), merge.slice(space + 1), merge.replace(' ', '')]) {
      if (!vocabulary.has(token)) throw damaged(`line ${line} names ${describe(token)}, which is not in vocab.json.`);
    }
    if (merges.length === maximumMerges) throw damaged(`line ${line} is one too many: at most ${maximumMerges} merges are read.`);
    merges.push(merge);
  }
  return merges;
}

function damaged(message: string): TokenizerError {
  return fileError(`merges.txt ${message}`, 'Check that both files belong together, and fetch them again.');
}
