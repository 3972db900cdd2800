import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { bertVocabulary, sharedFile } from '../../test/published-tokenizers.js';
import { TokenizerError } from '../errors.js';
import { loadTokenizer } from '../load-tokenizer.js';
import { loadWordPiece } from './index.js';

const names = ['bert_base_uncased', 'bert_mini_cased', 'bert_mini_lower'] as const;
type Golden = Readonly<Partial<Record<(typeof names)[number], readonly number[]>>> & { readonly text: string };
const { cases } = JSON.parse(readFileSync(new URL('../goldens/bert-wordpiece.json', import.meta.url), 'utf8')) as {
  cases: readonly Golden[];
};
const mini = sharedFile('vocab/bert_mini_cased_vocab.txt');

/** The ids of all texts that have them for a vocabulary. */
const expected = (name: (typeof names)[number]) => cases.flatMap(({ text, [name]: ids }) => (ids === undefined ? [] : [{ text, ids }]));

describe("compat: 'google' has the ids of google-research/bert", () => {
  const vocabularies = [
    { name: names[0], vocabulary: bertVocabulary(), lowercase: true },
    ...(mini === undefined
      ? []
      : [
          { name: names[1], vocabulary: mini, lowercase: false },
          { name: names[2], vocabulary: mini, lowercase: true },
        ]),
  ];

  test.each(vocabularies)('$name', ({ name, vocabulary, lowercase }) => {
    const tokenizer = loadWordPiece(vocabulary, { compat: 'google', lowercase });
    const wanted = expected(name);
    const plain = { addSpecialTokens: false };
    expect(wanted.map(({ text }) => ({ text, ids: [...tokenizer.encode(text, plain).ids] }))).toEqual(wanted);
    expect(wanted.map(({ text }) => ({ text, ids: [...tokenizer.encode(text, { ...plain, offsets: true }).ids] }))).toEqual(wanted);
  });
});

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'un', '##aff', '##able', 'a', '##a', ',', 'ας', '文', '字'].join('\n');

describe('loadWordPiece', () => {
  const tokenizer = loadWordPiece(vocabulary, { modelMaxLength: 512 });

  test('takes the longest tokens, tells where they are, and puts [CLS] and [SEP] around', () => {
    const { ids, offsets } = tokenizer.encode('Unaffable, Á', { offsets: true });
    expect([...ids]).toEqual([2, 5, 6, 7, 10, 8, 3]);
    expect(offsets).toEqual([
      [0, 0],
      [0, 2],
      [2, 5],
      [5, 9],
      [9, 10],
      [11, 12],
      [0, 0],
    ]);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('unaffable, a');
    expect(tokenizer.modelMaxLength).toBe(512);
  });

  test('a pair has two segments', () => {
    const { ids, typeIds } = tokenizer.encode('a', { pair: 'un' });
    expect([...ids]).toEqual([2, 8, 3, 5, 3]);
    expect([...typeIds]).toEqual([0, 0, 0, 1, 1]);
    const google = loadWordPiece(vocabulary, { compat: 'google' }).encode('a', { pair: 'un' });
    expect([...google.ids]).toEqual([2, 8, 3, 5, 3]);
    expect([...google.typeIds]).toEqual([0, 0, 0, 1, 1]);
  });

  test("a mask in the text is the mask token, but text to 'google'; a last Σ is ς there", () => {
    const google = loadWordPiece(vocabulary, { compat: 'google' });
    expect([...tokenizer.encode('[MASK]', { addSpecialTokens: false }).ids]).toEqual([4]);
    expect([...google.encode('[MASK]', { addSpecialTokens: false }).ids]).toEqual([1, 1, 1]);
    expect([...google.encode('ΑΣ', { addSpecialTokens: false, offsets: true }).ids]).toEqual([11]);
    expect([...tokenizer.encode('ΑΣ', { addSpecialTokens: false }).ids]).toEqual([1]);
  });

  test('ideographs are words unless told otherwise', () => {
    expect([...tokenizer.encode('文字', { addSpecialTokens: false }).ids]).toEqual([12, 13]);
    expect([...loadWordPiece(vocabulary, { tokenizeChineseChars: false }).encode('文字', { addSpecialTokens: false }).ids]).toEqual([1]);
  });

  test("the original's limit on a word's length is twice the other's", () => {
    const long = `a${'a'.repeat(149)}`;
    expect([...tokenizer.encode(long, { addSpecialTokens: false }).ids]).toEqual([1]);
    expect([...loadWordPiece(vocabulary, { compat: 'google' }).encode(long, { addSpecialTokens: false }).ids]).toEqual([
      8,
      ...new Array(149).fill(9),
    ]);
  });

  test('its tokenizer.json gives the same ids', () => {
    const again = loadTokenizer(tokenizer.toJSON(), tokenizer.toConfigJSON());
    const text = 'Unaffable, [MASK] 文字 ÁΣ';
    expect(again.encode(text).ids).toEqual(tokenizer.encode(text).ids);
    expect(again.modelMaxLength).toBe(512);
    expect(() => loadWordPiece(vocabulary, { compat: 'google' }).toJSON()).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_NOT_EXPRESSIBLE' }),
    );
  });

  test('lines are trimmed, bytes are read, and a token that comes twice keeps its last id', () => {
    const bytes = new TextEncoder().encode(`[UNK]\r\n[CLS] \n[SEP]\na\n\u3000b\na\n`);
    const hf = loadWordPiece(bytes);
    expect([hf.tokenToId('[UNK]'), hf.tokenToId('[CLS]'), hf.tokenToId('a'), hf.tokenToId('\u3000b'), hf.vocabularySize]).toEqual([
      0, 1, 5, 4, 6,
    ]);
    expect(loadWordPiece(bytes, { compat: 'google' }).tokenToId('b')).toBe(4);
  });

  test.each<[string, () => unknown, string]>([
    ['an empty file', () => loadWordPiece(''), 'TOKENIZER_FILE'],
    ['a file without [SEP]', () => loadWordPiece('[UNK]\n[CLS]\n'), 'TOKENIZER_FILE'],
    ['bytes that are not UTF-8', () => loadWordPiece(Uint8Array.of(0xff)), 'TOKENIZER_FILE'],
    ['a parsed file', () => loadWordPiece({} as never), 'TOKENIZER_FILE'],
    ['another compat', () => loadWordPiece(vocabulary, { compat: 'bert' as never }), 'TOKENIZER_OPTIONS'],
  ])('%s is refused', (_, run, code) => {
    expect(run).toThrow(TokenizerError);
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

describe('what is no vocab.txt', () => {
  test.each(['<!doctype html>\n<html>', 'version https://git-lfs.github.com/spec/v1\noid sha256:0', './vocab.txt'])(
    '%j is refused with what it may be',
    (file) => {
      expect(() => loadWordPiece(file)).toThrow(/begins with .* has no token \[UNK\].*Git LFS pointer or a web page, or a path/s);
    },
  );

  test('a byte order mark is no part of the first token', () => {
    const ids = (mark: string) => loadWordPiece(`${mark}a\n[UNK]\n[CLS]\n[SEP]\n`).encode('a', { addSpecialTokens: false }).ids;
    expect(ids('\ufeff')).toEqual(ids(''));
    expect([...ids('\ufeff')]).toEqual([0]);
  });
});

describe('words of any length', () => {
  const load = (length: number) =>
    loadTokenizer({
      model: {
        type: 'WordPiece',
        vocab: { '[UNK]': 0, a: 1, '##a': 2, [`${'a'.repeat(length)}b`]: 3, [`##${'a'.repeat(length)}b`]: 4 },
        unk_token: '[UNK]',
        max_input_chars_per_word: 1e9,
      },
    });

  test('a long token does not make them slow', () => {
    const start = performance.now();
    expect([...load(900).encode(`${'a'.repeat(100_000)}b`).ids].slice(-3)).toEqual([2, 2, 4]);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  test('a token of thousands of characters is refused', () => {
    expect(() => load(5000)).toThrow(/token of 5001 units/);
  });
});
