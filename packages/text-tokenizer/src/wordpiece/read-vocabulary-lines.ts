import { describe, fileError, type TokenizerError } from '../errors.js';

export const vocabularyFix =
  'Pass the text or the bytes of a vocab.txt; the file may be cut short, or a Git LFS pointer or a web page, or a path was passed; fetch it again.';
/** More lines than any vocabulary has. */
const maximumLines = 5_000_000;

/**
 * A vocab.txt: one token a line, whose id is the line's number; a token that comes again keeps its last id, as in the originals.
 * `trim` takes white space off the whole token as google-research/bert does, or off its end as huggingface/tokenizers does.
 */
export function readVocabularyLines(file: string | Uint8Array, trim: 'both' | 'end'): Map<string, number> {
  // Editors for Windows put a byte order mark before the first token.
  const lines = readText(file)
    .replace(/^\ufeff/, '')
    .split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw damaged('is empty, but one token a line was expected.');
  if (lines.length > maximumLines) throw damaged(`has ${lines.length} lines, but at most ${maximumLines} are read.`);
  return new Map(lines.map((line, id) => [strip(line, trim), id]));
}

/** Python's `strip` or Rust's `trim_end`; Python counts the separators U+001C to U+001F as white space. */
function strip(line: string, trim: 'both' | 'end'): string {
  const isSpace = (at: number) => {
    const code = line.charCodeAt(at);
    return /\p{White_Space}/u.test(line[at]!) || (trim === 'both' && code >= 0x1c && code < 0x20);
  };
  let start = 0;
  let end = line.length;
  while (end > 0 && isSpace(end - 1)) end--;
  while (trim === 'both' && start < end && isSpace(start)) start++;
  return line.slice(start, end);
}

function readText(file: string | Uint8Array): string {
  if (typeof file === 'string') return file;
  if (!(file instanceof Uint8Array)) throw damaged(`is ${describe(file)}, but its text or its bytes were expected.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
  } catch (cause) {
    throw damaged('is not valid UTF-8.', cause);
  }
}

function damaged(message: string, cause?: unknown): TokenizerError {
  return fileError(`vocab.txt ${message}`, vocabularyFix, cause);
}
