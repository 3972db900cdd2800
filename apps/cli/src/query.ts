import { decodeImage } from '@polymodal/image-patcher/node';
import type { ContentPart } from '@polymodal/modality-registry';
import { CliError, usageError } from './cli-error.js';

/** Longer ones are no queries: models read some tens of words and drop the rest. */
export const MAX_QUERY = 10_000;

/**
 * What to search for, from the command line: words, `-` for words on stdin, or a picture.
 *
 * @throws CliError `QUERY_MISSING`, `QUERY_TWICE`, `QUERY_EMPTY`, `QUERY_TOO_LONG`; what decodeImage throws
 */
export async function readQuery(words: readonly string[], image: string | undefined): Promise<ContentPart> {
  if (image !== undefined && words.length > 0)
    throw usageError('QUERY_TWICE', 'both words and --image were given.', 'Search by one of them.');
  if (image !== undefined) return { image: await decodeImage(image).catch((error: unknown) => Promise.reject(named(error, image))) };
  if (words.length === 0)
    throw usageError('QUERY_MISSING', 'there is nothing to search for.', 'Pass words, or --image with a picture file.');
  const text = words.length === 1 && words[0] === '-' ? await readStdin() : words.join(' ');
  if (text.length > MAX_QUERY)
    throw usageError(
      'QUERY_TOO_LONG',
      `the query has more than ${MAX_QUERY.toLocaleString('en')} characters.`,
      'Describe the picture in a sentence.',
    );
  if (text.trim() === '') throw usageError('QUERY_EMPTY', 'the query is empty.', 'Describe the picture in a few words.');
  return { text: text.trim() };
}

/** No more than it takes to know that it is too long. */
async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > MAX_QUERY) break;
  }
  return text;
}

/** A decoder sees bytes; the user wants to know which file. */
function named(error: unknown, path: string): unknown {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string' || message.includes(path)) return error;
  return new CliError({ code, message: `${path}: ${message}`, cause: error });
}
