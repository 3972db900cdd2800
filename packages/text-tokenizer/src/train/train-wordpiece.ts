import { optionsError } from '../errors.js';
import { addedTokensJson, configJson, type TokenId, templateJson, tokenizerDocument } from '../json/document.js';
import { chooseAlphabet, countCharacters } from './alphabet.js';
import { countWords, type Lines } from './count-words.js';
import { learnMerges, SymbolCorpus } from './learn-merges.js';
import { lineWords } from './line-words.js';
import type { Pace } from './pace.js';
import type { TrainedFiles } from './train-document.js';
import { checkSize, checkSpecialTokens, type WordPieceTrainOptions } from './train-options.js';

/** BERT takes longer words for unknown. */
const longestWord = 100;

/**
 * WordPiece, BERT's kind. The vocabulary is learnt as huggingface/tokenizers learns it: BPE over characters, those that do not begin a word
 * being symbols of their own. Schuster and Nakajima (2012), whose trainer was never published, choose the pair by the likelihood of a
 * language model instead of its count; its usual reading, count(ab) / (count(a) count(b)), prefers pairs of rare characters and has no
 * reference to compare with, so it is left out.
 */
export async function trainWordPiece(
  lines: Lines,
  options: WordPieceTrainOptions,
  maximumWords: number,
  pace: Pace,
): Promise<TrainedFiles> {
  const { padding = '[PAD]', unknown = '[UNK]', begin = '[CLS]', end = '[SEP]', mask = '[MASK]', additional } = options.specialTokens ?? {};
  const special = [padding, unknown, begin, end, mask, ...(additional ?? [])];
  checkSpecialTokens(special);
  const prefix = options.continuingPrefix ?? '##';
  if (typeof prefix !== 'string' || prefix === '') throw optionsError('continuingPrefix is empty.', "Leave it out for '##'.");
  checkSize(options.vocabularySize, special.length + 1, `${special.length} special tokens, and characters`);

  const lowercase = options.lowercase ?? true;
  const normalizer = {
    type: 'BertNormalizer',
    clean_text: options.cleanText ?? true,
    handle_chinese_chars: options.splitChinese ?? true,
    strip_accents: options.stripAccents ?? null,
    lowercase,
  };
  const preTokenizer = { type: 'BertPreTokenizer' };
  const words = await countWords(lines, lineWords(normalizer, preTokenizer, true), maximumWords, pace);
  const alphabet = chooseAlphabet(await countCharacters(words, pace), { most: options.maximumAlphabet ?? 1000 });
  // A word that cannot be spelt is unknown as a whole, so nothing is learnt from it.
  const known = new Set(alphabet);
  const learnable = (characters: readonly string[]) => characters.length <= longestWord && characters.every((one) => known.has(one));
  const continuing = new Set<string>();
  let done = 0;
  for (const word of words.keys()) {
    const characters = [...word];
    if (learnable(characters)) for (let i = 1; i < characters.length; i++) continuing.add(characters[i]!);
    if ((++done & 255) === 0 && pace.due) await pace.rest({ done, total: words.size, stage: 'counting characters' });
  }
  const symbols = [...alphabet, ...alphabet.filter((character) => continuing.has(character)).map((character) => prefix + character)];
  const tokens = [...special, ...symbols];
  checkSize(options.vocabularySize, tokens.length, `${special.length} special tokens, ${symbols.length} characters at and after the start`);
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const spell = (word: string, add: (symbols: Int32Array) => void) => {
    const characters = [...word];
    if (learnable(characters)) add(Int32Array.from(characters, (one, i) => idOf.get(i === 0 ? one : prefix + one)!));
  };
  const corpus = await SymbolCorpus.of(words, spell, pace);
  const join = (left: string, right: string) => left + (right.startsWith(prefix) ? right.slice(prefix.length) : right);
  const merges = await learnMerges(corpus, {
    symbols: new Map(symbols.map((symbol, i) => [special.length + i, symbol])),
    reserved: new Set(special),
    join,
    firstId: tokens.length,
    tokens: options.vocabularySize - tokens.length,
    minimumCount: options.minimumCount ?? 2,
    pace,
  });
  for (const { left, right, id } of merges) tokens[id] ??= join(tokens[left]!, tokens[right]!);

  const withId = (token: string): TokenId => [token, special.indexOf(token)];
  const document = tokenizerDocument({
    added_tokens: addedTokensJson(special.map(withId)),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: templateJson([withId(begin)], [withId(end)], 'shared'),
    decoder: { type: 'WordPiece', prefix, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: prefix,
      max_input_chars_per_word: longestWord,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  });
  const config = configJson(
    options.modelMaxLength,
    {
      pad_token: padding,
      unk_token: unknown,
      cls_token: begin,
      sep_token: end,
      mask_token: mask,
      additional_special_tokens: additional,
    },
    {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: lowercase,
      strip_accents: options.stripAccents ?? null,
      tokenize_chinese_chars: options.splitChinese ?? true,
    },
  );
  return { document, config };
}
