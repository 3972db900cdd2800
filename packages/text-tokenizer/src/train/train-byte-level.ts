import { byteCharacters, writeUtf8 } from '../bytes.js';
import {
  addedTokensJson,
  bpeJson,
  byteLevelJson,
  configJson,
  splitJson,
  type TokenId,
  templateJson,
  tokenizerDocument,
} from '../json/document.js';
import { countWords, type Lines } from './count-words.js';
import { learnMerges, SymbolCorpus } from './learn-merges.js';
import { lineWords } from './line-words.js';
import type { Pace } from './pace.js';
import type { TrainedFiles } from './train-document.js';
import { type ByteLevelBpeTrainOptions, checkSize, checkSpecialTokens } from './train-options.js';

/** In bytes. */
const longestPart = 192;

/** GPT-2's kind: merges over UTF-8 bytes. */
export async function trainByteLevelBpe(
  lines: Lines,
  options: ByteLevelBpeTrainOptions,
  maximumWords: number,
  pace: Pace,
): Promise<TrainedFiles> {
  const special = options.specialTokens ?? {};
  const first = [special.padding, ...(special.additional ?? [])].filter((token) => token !== undefined);
  const last = [special.begin, special.end].filter((token) => token !== undefined);
  checkSize(options.vocabularySize, 256 + first.length + last.length, `256 bytes and ${first.length + last.length} special tokens`);
  checkSpecialTokens([...first, ...last]);

  const normalizer = { type: 'Sequence', normalizers: (options.normalizer ?? []).map((type) => ({ type })) };
  const byteLevel = byteLevelJson(options.addPrefixSpace ?? false);
  const preTokenizer =
    options.isolate === undefined
      ? byteLevel
      : {
          type: 'Sequence',
          pretokenizers: [splitJson(options.isolate, 'Isolated'), byteLevel],
        };
  const words = await countWords(lines, lineWords(normalizer, preTokenizer), maximumWords, pace);

  // The alphabet in the order of its characters, as huggingface/tokenizers sorts it; so ties between merges fall as theirs do.
  const alphabet = [...byteCharacters].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));
  const tokens = [...first, ...alphabet];
  const byteIds = byteCharacters.map((character) => first.length + alphabet.indexOf(character));
  const spell = (word: string, add: (symbols: Int32Array) => void) => {
    const bytes = new Uint8Array(word.length * 3);
    add(Int32Array.from(bytes.subarray(0, writeUtf8(word, bytes)), (byte) => byteIds[byte]!));
  };
  const corpus = await SymbolCorpus.of(words, spell, pace, longestPart);
  const merges = await learnMerges(corpus, {
    symbols: new Map(byteCharacters.map((character, byte) => [byteIds[byte]!, character])),
    firstId: tokens.length,
    tokens: options.vocabularySize - tokens.length - last.length,
    minimumCount: options.minimumCount ?? 2,
    pace,
  });
  const written = merges.map(({ left, right, id }) => {
    tokens[id] ??= tokens[left]! + tokens[right]!;
    return `${tokens[left]} ${tokens[right]}`;
  });
  tokens.push(...last);

  const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const withId = (token: string | undefined): TokenId[] => (token === undefined ? [] : [[token, vocabulary[token]!]]);
  const document = tokenizerDocument({
    added_tokens: addedTokensJson([...first, ...last].flatMap(withId)),
    normalizer: normalizer.normalizers.length === 0 ? null : normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: templateJson(withId(special.begin), withId(special.end)),
    decoder: byteLevelJson(),
    model: bpeJson({ vocab: vocabulary, merges: written }),
  });
  const config = configJson(options.modelMaxLength, {
    bos_token: special.begin,
    eos_token: special.end,
    pad_token: special.padding,
    additional_special_tokens: special.additional,
  });
  return { document, config };
}
