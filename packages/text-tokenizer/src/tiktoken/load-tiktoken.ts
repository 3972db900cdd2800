import { RankedBpe } from '../bpe/ranked-bpe.js';
import { TokenTable } from '../bpe/token-table.js';
import { byteLevelDecoder } from '../components/decoders.js';
import { translateRegex } from '../components/regex.js';
import { splitByPattern } from '../components/split-pattern.js';
import { describe, fileError, optionsError } from '../errors.js';
import { configJson } from '../json/document.js';
import { isId, JsonReader } from '../json/json-reader.js';
import type { ParseLimits } from '../json/parse-json.js';
import { encoders } from '../load-document.js';
import type { Splitter } from '../pipeline/stages.js';
import { bareTemplate } from '../pipeline/template.js';
import { scannerFor } from '../scan/index.js';
import { Tokenizer } from '../tokenizer.js';
import { mapVocabulary } from '../vocabulary.js';
import { type Encoding, encodings, type TiktokenEncoding } from './encodings.js';
import { readRanks } from './read-ranks.js';
import { tokenVocabulary } from './token-vocabulary.js';
import { tokenizerJson } from './tokenizer-json.js';

const endOfText = '<|endoftext|>';

export interface TiktokenOptions {
  /** Which published encoding the file belongs to; by default the one whose number of tokens it has. */
  readonly encoding?: TiktokenEncoding;
  /** For other files: the regular expression that splits text into words, as tiktoken's `pat_str` has it. */
  readonly pattern?: string;
  /** Special tokens and their ids, beside those of the encoding. */
  readonly specialTokens?: Readonly<Record<string, number>>;
  readonly limits?: Pick<ParseLimits, 'maximumBytes'>;
}

/**
 * Builds a tokenizer from the text or bytes of a `.tiktoken` file, with the ids of openai/tiktoken. Spellings of special tokens in a text are
 * ordinary text, as `encode_ordinary` takes them; `encode(text, { specialTokens: 'parse' })` is `allowed_special="all"`, and `'refuse'` throws.
 *
 * Throws TOKENIZER_FILE for a damaged file, naming line and byte, TOKENIZER_OPTIONS for options that do not fit it, TOKENIZER_UNSUPPORTED for
 * a pattern without a translation.
 */
export function loadTiktoken(file: string | Uint8Array, options: TiktokenOptions = {}): Tokenizer {
  const tokens = readRanks(file, options.limits?.maximumBytes ?? 2 ** 28);
  const table = new TokenTable(tokens);
  checkTable(table);
  const encoding = chooseEncoding(options, tokens.count);
  const specialTokens = readSpecialTokens({ ...encoding.specialTokens, ...options.specialTokens }, table);
  const base = tokenVocabulary(table);
  // An id may have two names; the first is its spelling.
  const names = new Map<string, number>();
  const specialIds = new Set<number>();
  for (const [content, id] of specialTokens) {
    if (!specialIds.has(id)) names.set(content, id);
    specialIds.add(id);
  }
  const added = specialTokens.map(([content, id]) => ({
    id,
    content,
    special: true,
    singleWord: false,
    leftStrip: false,
    rightStrip: false,
    normalized: false,
  }));
  const parts = { normalizer: undefined, stages: [{ split: encoding.split }], model: new RankedBpe(table) };
  return new Tokenizer({
    vocabulary: mapVocabulary(names, base),
    encoder: encoders(added, specialIds, parts),
    decoder: byteLevelDecoder,
    template: bareTemplate,
    specialIds,
    padding: { id: undefined, side: 'right', multiple: 1 },
    truncationSide: 'right',
    modelMaxLength: undefined,
    defaults: { specialTokens: 'text' },
    toJSON: () => tokenizerJson(table, base, names, encoding.pattern),
    toConfigJSON: () => configJson(undefined, { eos_token: names.has(endOfText) ? endOfText : undefined }),
  });
}

function checkTable(table: TokenTable): void {
  const damaged = (message: string) => fileError(message, 'The file may be cut short; fetch it again.');
  if (table.crowded) throw damaged('the tokens of the .tiktoken file were chosen to collide.');
  if (table.duplicate !== undefined)
    throw damaged(`the ranks ${table.duplicate[0]} and ${table.duplicate[1]} of the .tiktoken file have the same token.`);
  for (let byte = 0; byte < 256; byte++) {
    if (table.findBytes(Uint8Array.of(byte), 1) < 0)
      throw damaged(`the .tiktoken file has no token for the byte ${byte}, so that not every text can be encoded.`);
  }
}

function chooseEncoding({ encoding, pattern }: TiktokenOptions, count: number): Pick<Encoding, 'pattern' | 'split' | 'specialTokens'> {
  const names = Object.keys(encodings).join(', ');
  if (encoding === undefined) {
    if (pattern !== undefined) return { pattern, split: patternSplitter(pattern), specialTokens: {} };
    const found = Object.values(encodings).find(({ tokens }) => tokens === count);
    if (found !== undefined) return found;
    throw optionsError(`the .tiktoken file has ${count} tokens, and none of ${names} has so many.`, 'Pass pattern and specialTokens.');
  }
  if (!Object.hasOwn(encodings, encoding))
    throw optionsError(`encoding is ${describe(encoding)}, but one of ${names} was expected.`, 'Correct it.');
  const found = encodings[encoding];
  if (pattern !== undefined)
    throw optionsError('encoding and pattern were both given, but an encoding has a pattern.', 'Leave one of them out.');
  if (found.tokens !== count) {
    throw optionsError(
      `the .tiktoken file has ${count} tokens, but ${encoding} has ${found.tokens}.`,
      'Check that file and encoding belong together, or pass pattern and specialTokens.',
    );
  }
  return found;
}

function patternSplitter(pattern: string): Splitter {
  if (typeof pattern !== 'string')
    throw optionsError(`pattern is ${describe(pattern)}, but a string was expected.`, "Pass tiktoken's pat_str, not a RegExp.");
  return scannerFor(pattern)?.split ?? splitByPattern(translateRegex(pattern, new JsonReader(pattern, 'pattern')), 'Removed', true);
}

function readSpecialTokens(tokens: Readonly<Record<string, number>>, table: TokenTable): [content: string, id: number][] {
  return Object.entries(tokens).map(([content, id]) => {
    const name = `the special token ${describe(content)} has the id ${describe(id)}`;
    if (!isId(id)) throw optionsError(`${name}, but a whole number from 0 to 2147483646 was expected.`, 'Correct it.');
    if ((table.tokens.lengths[id] ?? 0) > 0)
      throw optionsError(`${name}, which is the rank of an ordinary token.`, 'Choose one that the file does not use.');
    if (content === '') throw optionsError('a special token is empty.', 'Leave it out.');
    return [content, id];
  });
}
