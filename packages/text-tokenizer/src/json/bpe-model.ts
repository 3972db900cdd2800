import { ByteLevelBpe } from '../bpe/byte-level-bpe.js';
import { PairTable } from '../bpe/pair-table.js';
import type { Vocabulary } from '../vocabulary.js';
import type { JsonReader } from './json-reader.js';

/** Ranks are packed with positions into one double, 21 bits of it. */
const maximumMerges = 2_000_000;

/** Merges as `"a b"` strings, or as pairs; throws TOKENIZER_FILE when one is neither. */
export function readMerges(json: JsonReader): [left: string, right: string][] {
  return json.values(maximumMerges).map((merge, i) => {
    if (typeof merge === 'string') {
      const space = merge.indexOf(' ');
      if (space > 0 && merge.indexOf(' ', space + 1) < 0 && space < merge.length - 1)
        return [merge.slice(0, space), merge.slice(space + 1)];
    } else if (Array.isArray(merge) && merge.length === 2 && typeof merge[0] === 'string' && typeof merge[1] === 'string') {
      return [merge[0], merge[1]];
    }
    throw json.item(i).wrong('"left right" or ["left", "right"]');
  });
}

/** The BPE model of a tokenizer.json whose words arrive as bytes; `vocabulary` is the model's own, without what the file adds. */
export function readByteLevelBpe(json: JsonReader, vocabulary: Vocabulary): ByteLevelBpe {
  // These change what merging means, and no byte-level tokenizer uses them.
  const dropout = json.field('dropout').value;
  if (dropout !== undefined && dropout !== null && dropout !== 0)
    throw json.field('dropout').wrong('null, since encoding must be repeatable,');
  if ((json.field('continuing_subword_prefix').string('') ?? '') !== '')
    throw json.field('continuing_subword_prefix').wrong('an empty prefix');
  const mergesJson = json.field('merges');
  const merges = readMerges(mergesJson);
  const pairs = new PairTable(merges.length);
  merges.forEach(([left, right], rank) => {
    const leftId = vocabulary.id(left);
    const rightId = vocabulary.id(right);
    const merged = vocabulary.id(left + right);
    if (leftId === undefined || rightId === undefined || merged === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : left + right;
      throw mergesJson.item(rank).error(`names ${JSON.stringify(missing.slice(0, 80))}, which is not in model.vocab.`);
    }
    pairs.set(leftId, rightId, rank, merged);
  });
  const unknownToken = json.field('unk_token').string(undefined);
  return new ByteLevelBpe({
    vocabulary,
    pairs,
    endOfWordSuffix: json.field('end_of_word_suffix').string('') ?? '',
    unknownId: unknownToken === undefined ? undefined : vocabulary.id(unknownToken),
    fuseUnknown: json.field('fuse_unk').boolean(false),
    ignoreMerges: json.field('ignore_merges').boolean(false),
  });
}
