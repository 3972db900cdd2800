import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadTokenizer as loadByteLevel } from '../byte-level/index.js';
import { byteCharacters } from '../bytes.js';
import { TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { loadTokenizer } from '../load-tokenizer.js';
import { chainDecoders } from '../pipeline/decode-stages.js';
import { TracedText } from '../pipeline/traced-text.js';
import { allComponents } from './all-components.js';
import { byteLevelDecoder } from './decoders.js';
import { readDecoder, readNormalizer, readPostProcessor, readPreTokenizer } from './tables.js';

const json = (value: unknown) => new JsonReader(value, 'component');
const normalizer = (value: unknown) => readNormalizer(json(value), allComponents.normalizers)!;
const decode = (value: unknown, tokens: readonly string[]) => {
  const stage = readDecoder(json(value), allComponents.decoders)!();
  let text = '';
  const emit = (piece: string) => {
    text += piece;
  };
  for (const token of tokens) stage.push(token, emit);
  stage.flush(emit);
  return text;
};

describe('a component that is not known, or is not right, is refused', () => {
  test.each<[string, () => unknown, string, RegExp]>([
    ['a normalizer', () => normalizer({ type: 'Nope' }), 'TOKENIZER_UNSUPPORTED', /"Nope".*BertNormalizer/],
    [
      'one in a sequence',
      () => normalizer({ type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'constructor' }] }),
      'TOKENIZER_UNSUPPORTED',
      /component\.normalizers\[1\].*"constructor"/,
    ],
    [
      'a pre-tokenizer',
      () => readPreTokenizer(json({ type: 'X' }), allComponents.preTokenizers),
      'TOKENIZER_UNSUPPORTED',
      /UnicodeScripts/,
    ],
    ['a decoder', () => readDecoder(json({ type: 'X' }), allComponents.decoders), 'TOKENIZER_UNSUPPORTED', /BPEDecoder/],
    ['a post-processor', () => readPostProcessor(json({ type: 'X' }), allComponents.postProcessors), 'TOKENIZER_UNSUPPORTED', /Template/],
    ['a type that is no string', () => normalizer({ type: 3 }), 'TOKENIZER_FILE', /component\.type is 3/],
    [
      'a delimiter of two characters',
      () => readPreTokenizer(json({ type: 'CharDelimiterSplit', delimiter: 'ab' }), allComponents.preTokenizers),
      'TOKENIZER_FILE',
      /delimiter is "ab"/,
    ],
    [
      'pieces of no length',
      () => readPreTokenizer(json({ type: 'FixedLength', length: 0 }), allComponents.preTokenizers),
      'TOKENIZER_FILE',
      /length is 0/,
    ],
    [
      'an unknown behaviour',
      () => readPreTokenizer(json({ type: 'Punctuation', behavior: 'Merged' }), allComponents.preTokenizers),
      'TOKENIZER_FILE',
      /behavior is "Merged"/,
    ],
    [
      'a template that names no text',
      () => readPostProcessor(json({ type: 'TemplateProcessing', single: [{ Sequence: { id: 'B' } }] }), allComponents.postProcessors),
      'TOKENIZER_FILE',
      /single\[0\]\.Sequence\.id is "B"/,
    ],
    [
      'a regular expression in the small loader',
      () =>
        loadByteLevel({
          model: { vocab: {}, merges: [] },
          pre_tokenizer: { type: 'Split', pattern: { Regex: 'a+' }, behavior: 'Isolated', invert: false },
        }),
      'TOKENIZER_UNSUPPORTED',
      /"a\+".*reads every/,
    ],
    ['a BPE over text in the small loader', () => loadByteLevel({ model: { vocab: {}, merges: [] } }), 'TOKENIZER_FILE', /every kind/],
  ])('%s', (_, run, code, message) => {
    expect(run).toThrow(TokenizerError);
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

describe('post-processors', () => {
  const read = (value: unknown) => readPostProcessor(json(value), allComponents.postProcessors);
  const bert = { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] };

  test('work one after another: a template goes around what the one before it made', () => {
    const template = {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 3 } }, { Sequence: { id: 'A', type_id: 4 } }],
      pair: [{ Sequence: { id: 'B', type_id: 5 } }, { Sequence: { id: 'A', type_id: 6 } }],
      special_tokens: { '<s>': { id: '<s>', ids: [7, 8], tokens: ['<s>', '<s>'] } },
    };
    expect(read({ type: 'Sequence', processors: [bert, template, { type: 'ByteLevel', add_prefix_space: false }] })).toEqual({
      single: [
        { id: 7, typeId: 3 },
        { id: 8, typeId: 3 },
        { id: 1, typeId: 4 },
        { sequence: 'A', typeId: 4 },
        { id: 2, typeId: 4 },
      ],
      pair: [
        { sequence: 'B', typeId: 5 },
        { id: 2, typeId: 5 },
        { id: 1, typeId: 6 },
        { sequence: 'A', typeId: 6 },
        { id: 2, typeId: 6 },
      ],
      trimOffsets: { addPrefixSpace: false },
    });
  });

  test('none at all is undefined', () => {
    expect(read(null)).toBeUndefined();
  });
});

describe('decoders', () => {
  test('a character whose bytes are spread over tokens comes when it is whole', () => {
    const stage = byteLevelDecoder();
    const pieces: string[] = [];
    const push = (token: string) => {
      let text = '';
      stage.push(token, (piece) => {
        text += piece;
      });
      pieces.push(text);
    };
    for (const byte of new TextEncoder().encode('a é😀')) push(byteCharacters[byte]!);
    expect(pieces).toEqual(['a', ' ', '', 'é', '', '', '', '😀']);
  });

  test('byte-level decoding in parts is decoding at once, bad bytes and all', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }), { maxLength: 12 }), (tokens) => {
        const decoded = decode(
          { type: 'ByteLevel' },
          tokens.map((bytes) => bytes.map((byte) => byteCharacters[byte]).join('')),
        );
        expect(decoded).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(tokens.flat())));
      }),
    );
  });

  test('a token that is not spelled in bytes is text', () => {
    expect(decode({ type: 'ByteLevel' }, ['Ġa', '日本', '<|im_end|>', 'Ã', '©'])).toBe(' a日本<|im_end|>é');
  });

  test('words, suffixes, CTC', () => {
    expect(decode({ type: 'WordPiece', prefix: '##', cleanup: true }, ['un', '##able', ',', "'", 's', 'do', 'not'])).toBe(
      "unable, ' s do not",
    );
    expect(decode({ type: 'BPEDecoder' }, ['a</w>', 'b', 'c</w>'])).toBe('a bc');
    expect(decode({ type: 'CTC' }, ['a', 'a', '<pad>', 'a', '|', '|', 'b'])).toBe('aa b');
    expect(decode({ type: 'CTC', cleanup: false }, ['a', '|', 'b'])).toBe('a|b');
    expect(decode({ type: 'Replace', pattern: { Regex: '[ab]' }, content: '$&' }, ['abc', 'd'])).toBe('$&$&cd');
  });

  test('what follows a ByteLevel decoder gets its whole text', () => {
    const replace = { type: 'Replace', pattern: { String: 'ab' }, content: 'x' };
    expect(decode({ type: 'Sequence', decoders: [{ type: 'ByteLevel' }, replace] }, ['a', 'b'])).toBe('x');
    expect(decode({ type: 'Sequence', decoders: [{ type: 'Sequence', decoders: [{ type: 'ByteLevel' }] }, replace] }, ['a', 'b'])).toBe(
      'x',
    );
    expect(decode({ type: 'Sequence', decoders: [] }, ['a', 'b'])).toBe('ab');
    expect(chainDecoders([byteLevelDecoder])).toBe(byteLevelDecoder);
  });
});

describe('normalizers', () => {
  const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
  const marks = fc.constantFrom(
    'a',
    'é',
    'e\u0301',
    '\u0323',
    '\u0307',
    '\u0345',
    '\u0334',
    '가',
    '\u1100',
    '\u1161',
    '\u11a8',
    'ﷺ',
    '😀',
    'ﬁ',
    ' ',
  );
  const rewriters = [
    ...forms.map((type) => ({ type })),
    { type: 'Lowercase' },
    { type: 'StripAccents' },
    { type: 'ByteLevel' },
    { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
    { type: 'Replace', pattern: { Regex: 'a|(?=é)' }, content: '<$&>' },
    { type: 'Replace', pattern: { String: ' ' }, content: '$' },
  ];

  test.each(rewriters)('%j gives one text whether or not its origins are asked for, and these are in order', (value) => {
    const rewriter = normalizer(value);
    fc.assert(
      fc.property(fc.array(fc.oneof(marks, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const traced = rewriter.trace(TracedText.of(text), true);
        expect(traced.text).toBe(rewriter.apply(text, true));
        traced.starts.forEach((start, i) => {
          expect(start).toBeLessThanOrEqual(traced.ends[i]!);
          expect(start).toBeGreaterThanOrEqual(traced.starts[i - 1] ?? 0);
          expect(traced.ends[i]).toBeLessThanOrEqual(text.length);
        });
      }),
    );
  });

  test.each(forms)('%s is what the engine makes', (form) => {
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        expect(normalizer({ type: form }).trace(TracedText.of(text), true).text).toBe(text.normalize(form));
      }),
    );
  });
});

describe('added tokens', () => {
  const load = (...tokens: readonly Record<string, unknown>[]) =>
    loadTokenizer({
      added_tokens: tokens,
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: { type: 'WordLevel', unk_token: '?', vocab: { '?': 0 } },
    });
  const encode = (tokenizer: ReturnType<typeof load>, text: string) => {
    const { ids, offsets } = tokenizer.encode(text, { offsets: true });
    return [...ids].map((id, i) => `${id} ${offsets![i]!.join('-')}`).join(', ');
  };

  test('the leftmost, then the longest, is taken', () => {
    expect(encode(load({ id: 1, content: '<a' }, { id: 2, content: '<ab>' }), 'x<ab><abc')).toBe('0 0-1, 2 1-5, 1 5-7, 0 7-9');
  });

  test('white space on the sides goes with the token, words are whole, and spelling is normalised where asked for', () => {
    const tokenizer = load(
      { id: 1, content: '<m>', lstrip: true, rstrip: true, normalized: false },
      { id: 2, content: 'Day', single_word: true, normalized: true },
    );
    expect(encode(tokenizer, 'a  <m> \n b<M>')).toBe('0 0-1, 1 1-9, 0 9-13');
    expect(encode(tokenizer, 'DAY monday day_ day')).toBe('2 0-3, 0 4-10, 0 11-15, 2 16-19');
  });

  test('a token of spaces inside of what another token took is found again, as in the original', () => {
    const tokenizer = load({ id: 1, content: '<m>', rstrip: true, normalized: false }, { id: 2, content: '  ', normalized: false });
    expect(encode(tokenizer, '<m>  x')).toBe('1 0-5, 2 3-5, 0 5-6');
  });
});

describe('no text is slow', () => {
  const length = 200_000;
  const inputs = {
    marks: '\u0301\u0323'.repeat(length / 2),
    spaces: ' '.repeat(length),
    letters: 'é'.repeat(length),
    jamo: '\u1100'.repeat(length),
  };
  const document = {
    added_tokens: [{ id: 1, content: '<m>', lstrip: true, rstrip: true, normalized: true }],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'BertNormalizer' }, { type: 'NFKC' }] },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'UnicodeScripts' }, { type: 'Whitespace' }, { type: 'Digits' }, { type: 'BertPreTokenizer' }],
    },
    model: { type: 'WordPiece', unk_token: '?', max_input_chars_per_word: 1_000_000_000, vocab: { '?': 0, e: 2, '##e': 3 } },
  };

  test.each(Object.entries(inputs))('200,000 %s', (_, input) => {
    const tokenizer = loadTokenizer(document);
    const start = performance.now();
    tokenizer.encode(input, { offsets: true });
    tokenizer.encode(`<m>${input}<m>`);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

describe('rules that make a text longer and longer', () => {
  const replace = (pattern: object, content: string) => ({ type: 'Replace', pattern, content });
  const load = (...normalizers: object[]) =>
    loadTokenizer({ normalizer: { type: 'Sequence', normalizers }, model: { type: 'BPE', vocab: { a: 0 }, merges: [] } });
  const thousand = 'a'.repeat(1000);

  test.each([
    ['a literal that becomes a thousand characters', [replace({ String: 'b' }, thousand)]],
    ['a pattern that becomes a thousand characters', [replace({ Regex: '[bc]' }, thousand)]],
    ['replacements of what was replaced', [1, 2, 3, 4].map(() => replace({ String: 'b' }, 'b'.repeat(9)))],
  ])('%s are refused before they exhaust memory', (_, normalizers) => {
    const text = 'b'.repeat(40_000);
    const refused = expect.objectContaining({ code: 'TOKENIZER_INPUT' });
    expect(() => load(...normalizers).encode(text)).toThrow(refused);
    expect(() => load(...normalizers).encode(text, { offsets: true })).toThrow(refused);
  });

  test('text that is as long as before is not', () => {
    const { offsets } = load(replace({ String: 'b' }, 'a')).encode('b'.repeat(1000), { offsets: true });
    expect(offsets!.at(-1)).toEqual([999, 1000]);
  });
});
