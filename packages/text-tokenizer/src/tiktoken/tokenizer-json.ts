import { type MergeTable, mergeSymbols, never } from '../bpe/merge.js';
import type { TokenTable } from '../bpe/token-table.js';
import { addedTokenJson, bpeJson, byteLevelJson, splitJson, tokenizerDocument } from '../json/document.js';
import { gpt2Pattern } from '../scan/index.js';
import type { TokenizerJson } from '../tokenizer.js';
import type { Vocabulary } from '../vocabulary.js';

/** A tokenizer.json with the same ids: byte-level BPE in which a word that is a token stays whole, with the merges that the ranks stand for. */
export function tokenizerJson(
  table: TokenTable,
  tokens: Vocabulary,
  specialTokens: ReadonlyMap<string, number>,
  pattern: string,
): TokenizerJson {
  const byteLevel = byteLevelJson(false, false, pattern === gpt2Pattern);
  return tokenizerDocument({
    added_tokens: [...specialTokens].map((token) => addedTokenJson(token)),
    pre_tokenizer:
      pattern === gpt2Pattern ? byteLevel : { type: 'Sequence', pretokenizers: [splitJson(pattern, 'Removed', true), byteLevel] },
    decoder: byteLevelJson(),
    model: bpeJson({
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      ignore_merges: true,
      // Special tokens too: huggingface/tokenizers numbers those that the model lacks itself, without the gaps that published ids have.
      vocab: Object.fromEntries([...tokens.entries(), ...specialTokens]),
      merges: [...merges(table, tokens)],
    }),
  });
}

/**
 * The merge that makes each token: what is left of it when all lower ranks have merged. These do all that the ranks do, since within the bytes of
 * a token merges go the same way in any word. A token of more than two parts comes of no merge; it is only ever a whole word.
 */
function* merges(table: TokenTable, tokens: Vocabulary): Generator<string> {
  const { bytes, starts, lengths } = table.tokens;
  const byteRanks = Array.from({ length: 256 }, (_, byte) => table.findBytes(Uint8Array.of(byte), 1));
  let limit = 0;
  const below: MergeTable = {
    find(left, right) {
      const rank = table.find(left, right);
      return rank < limit ? rank : never;
    },
    merged: (rank) => rank,
  };
  for (; limit < lengths.length; limit++) {
    const length = lengths[limit]!;
    if (length < 2) continue;
    const symbols = Int32Array.from(bytes.subarray(starts[limit]!, starts[limit]! + length), (byte) => byteRanks[byte]!);
    if (mergeSymbols(symbols, length, below) === 2) yield `${tokens.token(symbols[0]!)} ${tokens.token(symbols[1]!)}`;
  }
}
