import { checkDropout, readPairs } from '../json/bpe-model.js';
import type { JsonReader } from '../json/json-reader.js';
import { ByteTokens } from '../unigram/byte-tokens.js';
import type { Vocabulary } from '../vocabulary.js';
import { CharacterBpe } from './character-bpe.js';
import { CharacterCuts } from './character-bpe-cuts.js';

/** The BPE model of a tokenizer.json whose words arrive as text; `vocabulary` is the model's own, without what the file adds. */
export function readCharacterBpe(json: JsonReader, vocabulary: Vocabulary): CharacterBpe {
  checkDropout(json);
  const prefix = json.field('continuing_subword_prefix').insertion('');
  const suffix = json.field('end_of_word_suffix').insertion('');
  const merges = json.field('merges');
  const pairs = readPairs(merges, vocabulary, prefix);
  const unknownToken = json.field('unk_token').string(undefined);
  const unknownId = unknownToken === undefined ? undefined : vocabulary.id(unknownToken);
  const byteFallback = json.field('byte_fallback').boolean(false);
  const spellsAll = unknownId !== undefined || (byteFallback && new ByteTokens(vocabulary).complete);
  return new CharacterBpe({
    vocabulary,
    pairs,
    // With a prefix or a suffix a part of a word is not a word; where characters are dropped, others become neighbours; an unknown ▁ would be
    // fused with what is around it.
    cuts:
      prefix === '' && suffix === '' && spellsAll && vocabulary.id('▁') !== undefined
        ? new CharacterCuts(merges.values().map((_, rank) => vocabulary.token(pairs.merged(rank))!))
        : undefined,
    prefix,
    suffix,
    unknownId,
    fuseUnknown: json.field('fuse_unk').boolean(false),
    byteFallback,
    ignoreMerges: json.field('ignore_merges').boolean(false),
  });
}
