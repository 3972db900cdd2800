import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenizerError } from '../index.js';
import { cleanText } from './clean-text.js';
import { htmlUnescape } from './html-unescape.js';
import { clipTokenizer } from './index.js';

interface Case {
  readonly id: string;
  readonly text: string;
  readonly cleaned: string;
  readonly ids: readonly number[];
  readonly decoded: string;
  readonly tokenize77: readonly number[];
  readonly too_long: boolean;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../goldens/${name}`, import.meta.url), 'utf8'));
const { cases } = read('clip-openai.json') as { cases: readonly Case[] };
const tokenizer = clipTokenizer();

describe("openai/CLIP's own ids", () => {
  test.each(cases.map((golden) => [golden.id, golden] as const))('%s', (_, golden) => {
    expect(cleanText(golden.text)).toBe(golden.cleaned);
    expect([...tokenizer.encode(golden.text, { addSpecialTokens: false }).ids]).toEqual(golden.ids);
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded);
    const padded = [...golden.tokenize77, ...new Array(77 - golden.tokenize77.length).fill(0)];
    const { ids, attentionMask } = tokenizer.encodeBatch([golden.text], { padding: 'max', truncation: true });
    expect(ids.dims).toEqual([1, 77]);
    expect([...ids.data]).toEqual(padded);
    expect(attentionMask.data.reduce((sum, one) => sum + one, 0)).toBe(golden.tokenize77.length);
    const strict = () => tokenizer.encodeBatch([golden.text], { padding: 'max' });
    if (golden.too_long) expect(strict).toThrow(expect.objectContaining({ code: 'TOKENIZER_TOO_LONG' }));
    else expect([...strict().ids.data]).toEqual(padded);
  });
});

test("HTML references are Python's", () => {
  for (const [text, unescaped] of (read('html-unescape.json') as { cases: [string, string][] }).cases)
    expect(htmlUnescape(text)).toBe(unescaped);
});

test('the vocabulary is whole', () => {
  expect(tokenizer.vocabularySize).toBe(49_408);
  expect(tokenizer.tokenToId('<|startoftext|>')).toBe(49_406);
  expect(tokenizer.idToToken(320)).toBe('a</w>');
  expect([...tokenizer.encode('a photo of a cat').ids]).toEqual([49406, 320, 1125, 539, 320, 2368, 49407]);
  const ids = Array.from({ length: 49_408 }, (_, id) => id);
  expect(ids.every((id) => tokenizer.tokenToId(tokenizer.idToToken(id)!) === id)).toBe(true);
});

test('lone surrogates become the replacement character, and U+0345 is dropped as in the original', () => {
  expect(tokenizer.encode('a \ud83d b').ids).toEqual(tokenizer.encode('a \ufffd b').ids);
  expect(tokenizer.encode('!\u0345!').ids).toEqual(tokenizer.encode('! !').ids);
});

test('any string is encoded, and a batch is what a loop gives', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 5 }), (texts) => {
      const { ids, attentionMask } = tokenizer.encodeBatch(texts, { truncation: true });
      const [count, length] = ids.dims as [number, number];
      return (
        count === texts.length &&
        texts.every((text, i) => {
          const row = ids.data.subarray(i * length, (i + 1) * length).filter((_, j) => attentionMask.data[i * length + j] === 1);
          return row.join() === tokenizer.encode(text, { truncation: true }).ids.join();
        })
      );
    }),
    { numRuns: 300, seed: 11 },
  );
});

test('it says that its cleaning cannot be written as a tokenizer.json', () => {
  expect(() => tokenizer.toJSON()).toThrow(TokenizerError);
  expect(() => tokenizer.encode('a', { offsets: true })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
});

test('spellings of special tokens are read as the caller says', () => {
  const ids = (specialTokens: 'parse' | 'text') => [...tokenizer.encode('A<|ENDOFTEXT|>', { addSpecialTokens: false, specialTokens }).ids];
  expect(ids('parse')).toEqual([320, 49407]);
  expect(ids('text')).toEqual([320, ...tokenizer.encode('<| endoftext |>', { addSpecialTokens: false }).ids]);
  expect(() => tokenizer.encode('<|startoftext|>', { specialTokens: 'refuse' })).toThrow(
    expect.objectContaining({ code: 'TOKENIZER_INPUT' }),
  );
});
