import type { Dice } from './dice.js';
import { byteAlphabet, hostileTokens, makeSymbols, makeWord } from './vocabulary.js';

type Json = Record<string, unknown>;

const patterns = ['\\s+', ' {2,}', "'s|'t| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", '(?i:\'s|\'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}', '\\p{N}', '[^a-z]+', '.', '\\w+|[^\\w\\s]+', '(?<=a)b', 'a|', '\\d{2,4}', '^a|b$', '[\\p{Han}\\u3040-\\u30ff]', '\\A.\\z']; // biome-ignore format: a list

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];
const maybe = (dice: Dice) => dice.chance(0.5);
const pattern = (dice: Dice) => (maybe(dice) ? { String: dice.pick([' ', 'a', '▁', 'ab', '́', '']) } : { Regex: dice.pick(patterns) });
const replacement = (dice: Dice) => dice.pick(['▁', '▁', '_', '😀', 'ab']);
const metaspace = (dice: Dice) => ({ type: 'Metaspace', replacement: replacement(dice), prepend_scheme: dice.pick(['always', 'first', 'never']), split: maybe(dice), ...(dice.chance(0.2) && { add_prefix_space: maybe(dice) }) }); // biome-ignore format: one per line
const byteLevel = (dice: Dice) => ({ type: 'ByteLevel', add_prefix_space: maybe(dice), trim_offsets: maybe(dice), use_regex: maybe(dice) });

/** A charsmap of SentencePiece: the length of a double-array trie in bytes, its units, and the replacements. Here both are random. */
export function makeCharsmap(dice: Dice): Uint8Array {
  const units = dice.pick([0, 1, 4, 256, 512]);
  const replacements = new TextEncoder().encode(dice.some(8, () => makeWord(dice)).join('\0') + (maybe(dice) ? '\0' : ''));
  const bytes = new Uint8Array(4 + 4 * units + replacements.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, dice.chance(0.9) ? 4 * units : dice.integer(2 ** 32), true);
  for (let i = 0; i < units; i++) {
    const offset = dice.integer(units);
    // A leaf holds the place of a replacement; a node the label of its byte, whether it has a leaf, and where its children lie.
    const leaf = (0x80000000 | dice.integer(replacements.length + 2)) >>> 0;
    view.setUint32(4 + 4 * i, dice.chance(0.3) ? leaf : (dice.integer(256) | (dice.integer(2) << 8) | (offset << 10)) >>> 0, true);
  }
  bytes.set(replacements, 4 + 4 * units);
  return bytes;
}

/** The kinds of huggingface/tokenizers, each with random settings. */
const normalizers: Record<string, (dice: Dice) => Json> = {
  NFC: () => ({}),
  NFD: () => ({}),
  NFKC: () => ({}),
  NFKD: () => ({}),
  Lowercase: () => ({}),
  StripAccents: () => ({}),
  Nmt: () => ({}),
  ByteLevel: () => ({}),
  Strip: (dice) => ({ strip_left: maybe(dice), strip_right: maybe(dice) }),
  Prepend: (dice) => ({ prepend: dice.pick(['▁', ' ', 'ab', '']) }),
  Replace: (dice) => ({ pattern: pattern(dice), content: dice.pick(['', ' ', '▁', 'xyz']) }),
  Precompiled: (dice) => ({ precompiled_charsmap: dice.chance(0.1) ? null : Buffer.from(makeCharsmap(dice)).toString('base64') }),
  BertNormalizer: (dice) => ({ clean_text: maybe(dice), handle_chinese_chars: maybe(dice), strip_accents: dice.pick([null, true, false]), lowercase: maybe(dice) }), // biome-ignore format: one per line
};

const preTokenizers: Record<string, (dice: Dice) => Json> = {
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  BertPreTokenizer: () => ({}),
  Whitespace: () => ({}),
  WhitespaceSplit: () => ({}),
  UnicodeScripts: () => ({}),
  CharDelimiterSplit: (dice) => ({ delimiter: dice.pick([' ', 'a', '😀']) }),
  Punctuation: (dice) => ({ behavior: dice.pick(behaviors) }),
  Digits: (dice) => ({ individual_digits: maybe(dice) }),
  FixedLength: (dice) => ({ length: dice.pick([1, 2, 5, 1000]) }),
  Split: (dice) => ({ pattern: pattern(dice), behavior: dice.pick(behaviors), invert: maybe(dice) }),
};

const decoders: Record<string, (dice: Dice) => Json> = {
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  ByteFallback: () => ({}),
  Fuse: () => ({}),
  WordPiece: (dice) => ({ prefix: '##', cleanup: maybe(dice) }),
  BPEDecoder: (dice) => ({ suffix: dice.pick(['</w>', '']) }),
  CTC: (dice) => ({ pad_token: '<pad>', word_delimiter_token: '|', cleanup: maybe(dice) }),
  Replace: (dice) => ({ pattern: pattern(dice), content: dice.pick([' ', '']) }),
  Strip: (dice) => ({ content: dice.pick([' ', 'a', '😀']), start: dice.integer(3), stop: dice.integer(3) }),
};

function component(kinds: Record<string, (dice: Dice) => Json>, list: string, dice: Dice, depth = 0): Json | null {
  const way = dice.next();
  if (way < 0.15) return null;
  if (way < 0.45 && depth < 3)
    return { type: 'Sequence', [list]: dice.some(4, () => component(kinds, list, dice, depth + 1)).filter((item) => item !== null) };
  const type = dice.pick(Object.keys(kinds));
  return { ...kinds[type]!(dice), type };
}

/** Ids in order, seldom with a gap, a repeated id or a hostile name. */
function toVocab(tokens: readonly string[], dice: Dice): Json {
  const vocab: [string, number][] = [...new Set([...tokens, ...dice.some(3, () => dice.pick(hostileTokens))])].map((token, id) => [
    token,
    id,
  ]);
  if (dice.chance(0.05)) vocab.push(['gap', vocab.length + dice.integer(1000)]);
  // Not an object literal: `__proto__` must be a key.
  return Object.fromEntries(vocab);
}

const models: Record<string, (dice: Dice) => Json> = {
  BPE(dice) {
    const tokens = makeSymbols(dice);
    const suffix = dice.pick(['', '', null, '</w>']);
    const prefix = dice.pick(['', '', null, '##']);
    if (suffix) tokens.push(...tokens.map((token) => token + suffix));
    const merges: (string | [string, string])[] = [];
    for (let i = dice.integer(40); i > 0; i--) {
      const [left, right] = [dice.pick(tokens), dice.pick(tokens)];
      merges.push(maybe(dice) && !/ /.test(left + right) ? `${left} ${right}` : [left, right]);
      tokens.push(left + right);
    }
    if (dice.chance(0.05)) merges.push(['not', 'there']);
    const unknown = dice.pick([null, null, '<unk>', 'a']);
    if (unknown !== null) tokens.push(unknown);
    return { dropout: dice.pick([null, null, 0, 0.1]), unk_token: unknown, continuing_subword_prefix: prefix, end_of_word_suffix: suffix, fuse_unk: maybe(dice), byte_fallback: maybe(dice), ignore_merges: maybe(dice), vocab: toVocab(tokens, dice), merges }; // biome-ignore format: one line
  },
  Unigram(dice) {
    const pieces = ['<unk>', ...makeSymbols(dice), ...dice.some(40, () => makeWord(dice)), ...dice.some(3, () => dice.pick(hostileTokens))];
    const vocab = [...(dice.chance(0.9) ? new Set(pieces) : pieces)].map((piece) => [
      piece,
      dice.pick([0, -dice.next() * 12, -dice.next() * 12, -dice.next() * 12, 1e30]),
    ]);
    return { unk_id: dice.pick([0, 0, 0, null, 7]), vocab, byte_fallback: maybe(dice) };
  },
  WordPiece(dice) {
    const tokens = ['[UNK]', ...makeSymbols(dice), ...dice.some(40, () => makeWord(dice)), ...dice.some(40, () => `##${makeWord(dice)}`)];
    return { unk_token: dice.pick(['[UNK]', '[UNK]', 'a', 'none']), continuing_subword_prefix: dice.pick(['##', '##', '']), max_input_chars_per_word: dice.pick([100, 3, 0]), vocab: toVocab(tokens, dice) }; // biome-ignore format: one line
  },
  WordLevel: (dice) => ({
    unk_token: dice.pick(['<unk>', '<unk>', 'none']),
    vocab: toVocab(['<unk>', ...dice.some(40, () => makeWord(dice))], dice),
  }),
};

function postProcessor(tokens: readonly (readonly [string, number])[], dice: Dice, depth = 0): Json | null {
  const way = dice.next();
  if (way < 0.25 || tokens.length === 0) return null;
  if (way < 0.4 && depth < 3)
    return { type: 'Sequence', processors: dice.some(3, () => postProcessor(tokens, dice, depth + 1)).filter((item) => item !== null) };
  if (way < 0.5) return byteLevel(dice);
  const [begin, end] = [dice.pick(tokens), dice.pick(tokens)];
  if (way < 0.7)
    return {
      type: dice.pick(['BertProcessing', 'RobertaProcessing']),
      sep: end,
      cls: begin,
      trim_offsets: maybe(dice),
      add_prefix_space: maybe(dice),
    };
  const special = ([id]: readonly [string, number], typeId: number) => ({ SpecialToken: { id, type_id: typeId } });
  const sequence = (id: string, typeId: number) => ({ Sequence: { id, type_id: typeId } });
  return {
    type: 'TemplateProcessing',
    single: [...dice.some(2, () => special(begin, 0)), sequence('A', 0), ...dice.some(2, () => special(end, 0))],
    pair: [special(begin, 0), sequence('A', 0), ...dice.some(2, () => special(end, 0)), sequence('B', dice.integer(3)), special(end, 1)],
    special_tokens: Object.fromEntries([begin, end].map(([content, id]) => [content, { id: content, ids: [id], tokens: [content] }])),
  };
}

/** A tokenizer.json of any kinds, most often one that loads. */
export function makeDocument(dice: Dice): Json {
  const type = dice.pick(Object.keys(models));
  const model: Json = { type, ...models[type]!(dice) };
  const count = Array.isArray(model.vocab) ? model.vocab.length : Object.keys(model.vocab as Json).length;
  const contents = [...new Set(['<s>', '</s>', '<|img|>', '[MASK]', ' x ', 'e', ...dice.some(2, () => dice.pick(hostileTokens))])].slice(
    0,
    dice.integer(8),
  );
  const added = contents
    .filter((content) => content !== '' && (Array.isArray(model.vocab) || !Object.hasOwn(model.vocab as Json, content)))
    .map((content, i) => ({ id: count + 1000 + i, content, single_word: dice.chance(0.2), lstrip: dice.chance(0.2), rstrip: dice.chance(0.2), normalized: maybe(dice), special: maybe(dice) })); // biome-ignore format: one line
  // Byte-level tokenizers are what most files are; half of the documents go together as those do.
  const usual = type === 'BPE' && maybe(dice);
  return {
    version: '1.0',
    truncation: dice.chance(0.1) ? { direction: dice.pick(['Left', 'Right']), max_length: 4 + dice.integer(20), strategy: dice.pick(['LongestFirst', 'OnlyFirst', 'OnlySecond']), stride: dice.integer(3) } : null, // biome-ignore format: one line
    padding: dice.chance(0.1) ? { strategy: dice.pick<unknown>(['BatchLongest', { Fixed: dice.integer(30) }]), direction: dice.pick(['Left', 'Right']), pad_to_multiple_of: dice.pick([null, 0, 8]), pad_id: 0, pad_type_id: 0, pad_token: byteAlphabet[0] } : null, // biome-ignore format: one line
    added_tokens: added,
    normalizer: component(normalizers, 'normalizers', dice),
    pre_tokenizer: usual ? byteLevel(dice) : component(preTokenizers, 'pretokenizers', dice),
    post_processor: postProcessor(
      added.map(({ content, id }) => [content, id] as const),
      dice,
    ),
    decoder: usual ? byteLevel(dice) : component(decoders, 'decoders', dice),
    model,
  };
}

/** A tokenizer_config.json. */
export function makeConfig(dice: Dice): Json {
  const token = () => dice.pick<unknown>([null, '<s>', '__proto__', { content: '</s>', lstrip: maybe(dice) }, '[PAD]']);
  return {
    model_max_length: dice.pick([512, 1e30, 1, null]),
    pad_token: token(),
    bos_token: token(),
    padding_side: dice.pick(['left', 'right', null]),
    truncation_side: dice.pick(['left', 'right', null]),
    clean_up_tokenization_spaces: dice.pick([true, false, null]),
    chat_template: dice.pick(['{{ messages }}', null, [{ name: 'default', template: '' }]]),
    added_tokens_decoder: { 0: { content: '<s>', special: true } },
  };
}
