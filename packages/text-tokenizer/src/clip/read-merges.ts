import { PairTable } from '../bpe/pair-table.js';
import { fileError, optionsError, type TokenizerError } from '../errors.js';
import { mapVocabulary } from '../vocabulary.js';
import { byteTokens, type ClipVocabulary, endOfText, mergeCount, startOfText } from './clip-vocabulary.js';

/** The file of CLIP has 3 MB; more than this is no such file. */
const maximumLength = 2 ** 26;

/**
 * Reads a merges file in the format of `bpe_simple_vocab_16e6.txt`: a first line that is skipped, then two tokens per line. As in
 * openai/CLIP, no more than the first 48,894 merges count. Throws TOKENIZER_FILE, naming the line.
 */
export function readClipMerges(merges: string | Uint8Array): ClipVocabulary {
  const text = asText(merges);
  const tokens = byteTokens();
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const lines: { readonly left: string; readonly right: string; readonly number: number }[] = [];
  let at = text.indexOf('\n') + 1;
  for (let number = 2; at > 0 && at < text.length && lines.length < mergeCount; number++) {
    const lineFeed = text.indexOf('\n', at);
    const end = lineFeed < 0 ? text.length : lineFeed;
    const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
    at = end + 1;
    if (line === '') continue;
    const [left, right, ...rest] = line.split(' ', 3);
    if (!left || !right || rest.length > 0) throw damaged(number, `is ${JSON.stringify(line.slice(0, 60))}, but two tokens were expected.`);
    lines.push({ left, right, number });
    // A token that two merges give belongs to the later one, as in the original.
    ids.set(left + right, tokens.length + lines.length - 1);
  }
  if (lines.length === 0) throw damaged(2, 'is missing: there are no merges.');
  const idOf = (token: string, number: number) => {
    const id = ids.get(token);
    if (id !== undefined) return id;
    throw damaged(number, `names ${JSON.stringify(token.slice(0, 60))}, which is neither a byte nor what another line gives.`);
  };
  const leftIds = Int32Array.from(lines, ({ left, number }) => idOf(left, number));
  const rightIds = Int32Array.from(lines, ({ right, number }) => idOf(right, number));
  const pairs = new PairTable(lines.length);
  lines.forEach(({ left, right, number }, rank) => {
    if (!pairs.set(leftIds[rank]!, rightIds[rank]!, rank, ids.get(left + right)!))
      throw damaged(number, 'is one too many of those that were chosen to make this slow.');
  });
  const startId = tokens.length + lines.length;
  ids.set(startOfText, startId).set(endOfText, startId + 1);
  return { vocabulary: mapVocabulary(ids), pairs, left: leftIds, right: rightIds, startId, endId: startId + 1 };
}

function asText(merges: string | Uint8Array): string {
  const isBytes = merges instanceof Uint8Array;
  if (typeof merges !== 'string' && !isBytes) {
    throw optionsError(
      `merges is ${merges === null ? 'null' : `a ${typeof merges}`}, but the text or the bytes of a merges file were expected.`,
      'Pass what the file bpe_simple_vocab_16e6.txt holds.',
    );
  }
  if (merges.length > maximumLength) throw tooLarge(merges.length);
  if (!isBytes) return merges;
  if (merges[0] === 0x1f && merges[1] === 0x8b) {
    throw fileError(
      'merges begins with the bytes 1f 8b of gzip, but text was expected.',
      'Unpack it first: new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text().',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(merges);
  } catch (cause) {
    throw fileError('merges is not valid UTF-8.', 'Check that it is a merges file.', cause);
  }
}

function tooLarge(length: number): TokenizerError {
  return fileError(`merges has a length of ${length}, but at most ${maximumLength} is read.`, 'Check that it is a merges file.');
}

function damaged(line: number, what: string): TokenizerError {
  return fileError(`line ${line} of merges ${what}`, 'Pass a file in the format of bpe_simple_vocab_16e6.txt.');
}
