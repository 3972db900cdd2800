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

/** The merges that `model.merges` names, in the order of their ranks, by ids. */
export function readPairs(json: JsonReader, vocabulary: Vocabulary): PairTable {
  const merges = json.values(maximumMerges);
  const pairs = new PairTable(merges.length);
  let merged = -1;
  merges.forEach((merge, rank) => {
    const [left, right] = readMerge(merge) ?? fail(json.item(rank).wrong('"left right" or ["left", "right"]'));
    const leftId = vocabulary.id(left);
    const rightId = vocabulary.id(right);
    // Merged tokens mostly have the ids that come next: comparing one is faster than joining and hashing.
    const next = vocabulary.token(merged + 1);
    const isNext = next !== undefined && next.length === left.length + right.length && next.startsWith(left) && next.endsWith(right);
    const mergedId = isNext ? merged + 1 : vocabulary.id(left + right);
    if (leftId === undefined || rightId === undefined || mergedId === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : left + right;
      throw json.item(rank).error(`names ${JSON.stringify(missing.slice(0, 80))}, which is not in model.vocab.`);
    }
    if (!pairs.set(leftId, rightId, rank, mergedId)) throw json.error('names pairs of tokens that were chosen to collide.');
    merged = mergedId;
  });
  return pairs;
}

/** The BPE model of a tokenizer.json whose words arrive as bytes; `vocabulary` is the model's own, without what the file adds. */
export function readByteLevelBpe(json: JsonReader, vocabulary: Vocabulary): ByteLevelBpe {
  // These change what merging means, and no byte-level tokenizer uses them.
  const dropout = json.field('dropout').value;
  if (dropout !== undefined && dropout !== null && dropout !== 0)
    throw json.field('dropout').wrong('null, since encoding must be repeatable,');
  if ((json.field('continuing_subword_prefix').string('') ?? '') !== '')
    throw json.field('continuing_subword_prefix').wrong('an empty prefix');
  const unknownToken = json.field('unk_token').string(undefined);
  return new ByteLevelBpe({
    vocabulary,
    pairs: readPairs(json.field('merges'), vocabulary),
    endOfWordSuffix: json.field('end_of_word_suffix').string('') ?? '',
    unknownId: unknownToken === undefined ? undefined : vocabulary.id(unknownToken),
    fuseUnknown: json.field('fuse_unk').boolean(false),
    ignoreMerges: json.field('ignore_merges').boolean(false),
  });
}
