import type { CallOptions } from '@polymodal/modality-registry';
import { byteCharacters } from '../bytes.js';
import { readNormalizer } from '../components/normalizer.js';
import { readPreTokenizer } from '../components/pre-tokenizer.js';
import { TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { loadTokenizer } from '../load-tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';
import { countWords, type Lines } from './count-words.js';
import { learnMerges } from './learn-merges.js';

export interface SpecialTokens {
  /** Fills batches; gets id 0. */
  readonly padding?: string;
  /** Goes before every text; with `end` it gets the highest ids, as in CLIP, so that the end of a text is where the largest id is. */
  readonly begin?: string;
  /** Goes after every text. */
  readonly end?: string;
  /** Further special tokens, after the padding. */
  readonly additional?: readonly string[];
}

export interface TrainOptions extends CallOptions {
  readonly kind: 'byte-level-bpe';
  /** All ids: special tokens, 256 bytes and merges. Fewer come out when the text holds fewer pairs. */
  readonly vocabularySize: number;
  readonly specialTokens?: SpecialTokens;
  /** Applied to every text, in this order, when training and when encoding. */
  readonly normalizer?: readonly ('NFC' | 'NFKC' | 'Lowercase')[];
  /** Treat the first word of a text like the others, which follow a space; then `decode` gives that space back. False by default. */
  readonly addPrefixSpace?: boolean;
  /**
   * A character class, such as `[一-鿿]`, whose characters stand alone: merges never join them with their neighbours. Write it with literal
   * ranges, which every implementation of tokenizer.json reads alike. With `addPrefixSpace`, each is then one token wherever it stands.
   */
  readonly isolate?: string;
  /** Pairs that occur less often are not merged; 2 by default. */
  readonly minimumCount?: number;
  /** Ids that the model takes, begin and end included; written to tokenizer_config.json. */
  readonly modelMaxLength?: number;
}

/**
 * Learns a byte-level BPE tokenizer from text in any language. The lines are streamed; the same lines give the same tokenizer.
 *
 * Throws TOKENIZER_OPTIONS for a vocabulary too small for bytes and special tokens, TOKENIZER_INPUT for lines that are not strings, and the
 * signal's reason when aborted.
 */
export async function trainTokenizer(lines: Lines, options: TrainOptions): Promise<Tokenizer> {
  const special = options.specialTokens ?? {};
  const first = [special.padding, ...(special.additional ?? [])].filter((token) => token !== undefined);
  const last = [special.begin, special.end].filter((token) => token !== undefined);
  checkOptions(options, [...first, ...last]);

  const normalizer = { type: 'Sequence', normalizers: (options.normalizer ?? []).map((type) => ({ type })) };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: options.addPrefixSpace ?? false, trim_offsets: true, use_regex: true };
  const preTokenizer =
    options.isolate === undefined
      ? byteLevel
      : {
          type: 'Sequence',
          pretokenizers: [{ type: 'Split', pattern: { Regex: options.isolate }, behavior: 'Isolated', invert: false }, byteLevel],
        };
  const normalize = readNormalizer(new JsonReader(normalizer, 'normalizer'))!;
  const split = readPreTokenizer(new JsonReader(preTokenizer, 'pre_tokenizer'))!.split;

  const words = await countWords(lines, normalize, split, {
    signal: options.signal,
    onLines: (done) => options.onProgress?.({ done, stage: 'counting words' }),
  });
  // The alphabet in the order of its characters, as huggingface/tokenizers sorts it; so ties between merges fall as theirs do.
  const alphabet = [...byteCharacters].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));
  const tokens = [...first, ...alphabet];
  const total = options.vocabularySize - tokens.length - last.length;
  const merges = await learnMerges(words, {
    byteIds: byteCharacters.map((character) => first.length + alphabet.indexOf(character)),
    byteTokens: byteCharacters,
    firstId: tokens.length,
    tokens: total,
    minimumCount: options.minimumCount ?? 2,
    signal: options.signal,
    onToken: (done) => options.onProgress?.({ done, total, stage: 'learning merges' }),
  });
  const written = merges.map(({ left, right, id }) => {
    tokens[id] ??= tokens[left]! + tokens[right]!;
    return `${tokens[left]} ${tokens[right]}`;
  });
  tokens.push(...last);

  const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const document = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...first, ...last]
      .map((content) => ({
        id: vocabulary[content]!,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    normalizer: normalizer.normalizers.length === 0 ? null : normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: template(special, vocabulary),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges: written,
    },
  };
  return loadTokenizer(document, configuration(options, special));
}

function checkOptions({ kind, vocabularySize, minimumCount, modelMaxLength, normalizer }: TrainOptions, special: readonly string[]): void {
  const refuse = (message: string, fix: string) => new TokenizerError({ code: 'TOKENIZER_OPTIONS', message, fix });
  if (kind !== 'byte-level-bpe')
    throw refuse(`kind is ${String(kind)}, but only 'byte-level-bpe' can be trained.`, "Pass kind: 'byte-level-bpe'.");
  const least = 256 + special.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < least || vocabularySize > 1_000_000) {
    throw refuse(
      `vocabularySize is ${vocabularySize}, but a whole number from ${least} (256 bytes and ${special.length} special tokens) to 1000000 was expected.`,
      'Raise vocabularySize.',
    );
  }
  const odd = special.find((token, i) => typeof token !== 'string' || token.length < 2 || special.indexOf(token) !== i);
  if (odd !== undefined)
    throw refuse(`the special token ${JSON.stringify(odd)} is used twice, or shorter than two characters.`, 'Write it as <|name|>.');
  if (minimumCount !== undefined && !(minimumCount >= 1))
    throw refuse(`minimumCount is ${minimumCount}, but at least 1 was expected.`, 'Leave it out for 2.');
  if (modelMaxLength !== undefined && !(Number.isInteger(modelMaxLength) && modelMaxLength >= 1)) {
    throw refuse(`modelMaxLength is ${modelMaxLength}, but a whole number of at least 1 was expected.`, 'Leave it out for no limit.');
  }
  if (normalizer !== undefined && !Array.isArray(normalizer))
    throw refuse(`normalizer is ${String(normalizer)}, but an array was expected.`, "Pass ['NFKC', 'Lowercase'].");
}

function template({ begin, end }: SpecialTokens, vocabulary: Readonly<Record<string, number>>): unknown {
  if (begin === undefined && end === undefined) return null;
  const token = (id: string | undefined, type: number) => (id === undefined ? [] : [{ SpecialToken: { id, type_id: type } }]);
  const around = (sequence: 'A' | 'B', type: number) => [
    ...token(begin, type),
    { Sequence: { id: sequence, type_id: type } },
    ...token(end, type),
  ];
  const used = [begin, end].filter((id) => id !== undefined);
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(used.map((id) => [id, { id, ids: [vocabulary[id]], tokens: [id] }])),
  };
}

function configuration({ modelMaxLength }: TrainOptions, { padding, begin, end, additional }: SpecialTokens): Record<string, unknown> {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    // Python's way to say that there is no limit.
    model_max_length: modelMaxLength ?? 1e30,
    ...(begin === undefined ? {} : { bos_token: begin }),
    ...(end === undefined ? {} : { eos_token: end }),
    ...(padding === undefined ? {} : { pad_token: padding }),
    ...(additional === undefined ? {} : { additional_special_tokens: additional }),
  };
}
