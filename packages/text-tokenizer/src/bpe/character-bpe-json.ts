import { readMerges } from '../json/bpe-model.js';
import type { JsonReader } from '../json/json-reader.js';
import { ByteTokens } from '../unigram/byte-tokens.js';
import type { Vocabulary } from '../vocabulary.js';
import { CharacterBpe } from './character-bpe.js';
import { CharacterCuts } from './character-bpe-cuts.js';
import { PairTable } from './pair-table.js';

/** The BPE model of a tokenizer.json whose words arrive as text; `vocabulary` is the model's own, without what the file adds. */
export function readCharacterBpe(json: JsonReader, vocabulary: Vocabulary): CharacterBpe {
  const dropout = json.field('dropout').value;
  if (dropout !== undefined && dropout !== null && dropout !== 0)
    throw json.field('dropout').wrong('null, since encoding must be repeatable,');
  const prefix = json.field('continuing_subword_prefix').string('');
  const suffix = json.field('end_of_word_suffix').string('');
  const mergesJson = json.field('merges');
  const merges = readMerges(mergesJson);
  const pairs = new PairTable(merges.length);
  const made = merges.map(([left, right], rank) => {
    const leftId = vocabulary.id(left);
    const rightId = vocabulary.id(right);
    const both = left + right.slice(prefix.length);
    const merged = vocabulary.id(both);
    if (leftId === undefined || rightId === undefined || merged === undefined) {
      const missing = leftId === undefined ? left : rightId === undefined ? right : both;
      throw mergesJson.item(rank).error(`names ${JSON.stringify(missing.slice(0, 80))}, which is not in model.vocab.`);
    }
    pairs.set(leftId, rightId, rank, merged);
    return both;
  });
  const unknownToken = json.field('unk_token').string(undefined);
  const unknownId = unknownToken === undefined ? undefined : vocabulary.id(unknownToken);
  const byteFallback = json.field('byte_fallback').boolean(false);
  const spellsAll = unknownId !== undefined || (byteFallback && new ByteTokens(vocabulary).complete);
  return new CharacterBpe({
    vocabulary,
    pairs,
    // With a prefix or a suffix a part of a word is not a word; where characters are dropped, others become neighbours; an unknown ▁ would be
    // fused with what is around it.
    cuts: prefix === '' && suffix === '' && spellsAll && vocabulary.id('▁') !== undefined ? new CharacterCuts(made) : undefined,
    prefix,
    suffix,
    unknownId,
    fuseUnknown: json.field('fuse_unk').boolean(false),
    byteFallback,
    ignoreMerges: json.field('ignore_merges').boolean(false),
  });
}
