import { ByteLevelBpe } from '../bpe/byte-level-bpe.js';
import { PairTable } from '../bpe/pair-table.js';
import type { Vocabulary } from '../vocabulary.js';
import type { JsonReader } from './json-reader.js';

/** Published files have up to about 500,000. */
const maximumMerges = 2_000_000;

/** Merges as `"a b"` strings, or as pairs; throws TOKENIZER_FILE when one is neither. */
export function readMerges(json: JsonReader): [left: string, right: string][] {
  return json.values(maximumMerges).map((merge, i) => readMerge(merge) ?? fail(json.item(i).wrong('"left right" or ["left", "right"]')));
}

function readMerge(merge: unknown): [left: string, right: string] | undefined {
  if (typeof merge === 'string') {
    const space = merge.indexOf(' ');
    const plain = space > 0 && space < merge.length - 1 && merge.indexOf(' ', space + 1) < 0;
    return plain ? [merge.slice(0, space), merge.slice(space + 1)] : undefined;
  }
  const isPair = Array.isArray(merge) && merge.length === 2 && typeof merge[0] === 'string' && typeof merge[1] === 'string';
  return isPair ? (merge as [string, string]) : undefined;
}

function fail(error: Error): never {
  throw error;
}

/** The merges that `model.merges` names, in the order of their ranks, by ids; `prefix` begins right parts, but stays out of the middle of tokens. */
export function readPairs(json: JsonReader, vocabulary: Vocabulary, prefix = ''): PairTable {
  const merges = json.values(maximumMerges);
  const pairs = new PairTable(merges.length);
  let merged = -1;
  merges.forEach((merge, rank) => {
    const [left, right] = readMerge(merge) ?? fail(json.item(rank).wrong('"left right" or ["left", "right"]'));
    const leftId = vocabulary.id(left);
    const rightId = vocabulary.id(right);
    const rest = right.slice(prefix.length);
    // Merged tokens mostly have the ids that come next: comparing one is faster than joining and hashing.
    const next = vocabulary.token(merged + 1);
    const isNext = next !== undefined && next.length === left.length + rest.length && next.startsWith(left) && next.endsWith(rest);
    const mergedId = isNext ? merged + 1 : vocabulary.id(left + rest);
    if (leftId === undefined || rightId === undefined || mergedId === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : left + rest;
      throw json.item(rank).error(`names ${JSON.stringify(missing.slice(0, 80))}, which is not in model.vocab.`);
    }
    if (!pairs.set(leftId, rightId, rank, mergedId)) throw json.error('names pairs of tokens that were chosen to collide.');
    merged = mergedId;
  });
  return pairs;
}

/** Throws TOKENIZER_FILE where merges are to be left out at random. */
export function checkDropout(json: JsonReader): void {
  const dropout = json.field('dropout');
  if (!dropout.absent && dropout.value !== 0) throw dropout.wrong('null, since encoding must be repeatable,');
}

/** The BPE model of a tokenizer.json whose words arrive as bytes; `vocabulary` is the model's own, without what the file adds. */
export function readByteLevelBpe(json: JsonReader, vocabulary: Vocabulary): ByteLevelBpe {
  checkDropout(json);
  // It changes what merging means, and no byte-level tokenizer uses it.
  if ((json.field('continuing_subword_prefix').string('') ?? '') !== '')
    throw json.field('continuing_subword_prefix').wrong('an empty prefix');
  const unknownToken = json.field('unk_token').string(undefined);
  return new ByteLevelBpe({
    vocabulary,
    pairs: readPairs(json.field('merges'), vocabulary),
    endOfWordSuffix: json.field('end_of_word_suffix').insertion(''),
    unknownId: unknownToken === undefined ? undefined : vocabulary.id(unknownToken),
    fuseUnknown: json.field('fuse_unk').boolean(false),
    ignoreMerges: json.field('ignore_merges').boolean(false),
  });
}
