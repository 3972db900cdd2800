import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadTokenizer } from '../load-tokenizer.js';

interface Golden {
  readonly document: { readonly model: { readonly type: string } & Record<string, unknown> };
  /** Offsets in code points. */
  readonly cases: readonly { text: string; ids: number[]; offsets: [start: number, end: number][]; decoded: string }[];
}

const { models } = JSON.parse(readFileSync(new URL('../goldens/character-models.json', import.meta.url), 'utf8')) as {
  models: readonly Golden[];
};

describe('random models of characters, as huggingface/tokenizers runs them', () => {
  test.each(models.map((golden, i) => [i, golden.document.model.type, golden] as const))('%i: %s', (_, __, { document, cases }) => {
    const tokenizer = loadTokenizer(document);
    for (const { text, ids, offsets, decoded } of cases) {
      const place = (unit: number) => Array.from(text.slice(0, unit)).length;
      const encoding = tokenizer.encode(text, { offsets: true });
      expect([text, ...tokenizer.encode(text).ids]).toEqual([text, ...ids]);
      expect([text, ...encoding.ids]).toEqual([text, ...ids]);
      expect([text, ...encoding.offsets!.map(([start, end]) => [place(start), place(end)])]).toEqual([text, ...offsets]);
      expect(tokenizer.decode(ids)).toBe(decoded);
      const stream = tokenizer.decodeStream();
      expect(ids.map((id) => stream.push(id)).join('') + stream.flush()).toBe(decoded);
    }
  });
});

describe('damaged models', () => {
  const bpe = (model: Record<string, unknown>) => () =>
    loadTokenizer({ model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'], ...model } });
  const unigram = (model: Record<string, unknown>) => () =>
    loadTokenizer({ model: { type: 'Unigram', vocab: [['a', -1]], unk_id: 0, ...model } });

  test.each([
    ['a merge of an unknown token', bpe({ merges: ['a c'] }), /model\.merges\[0\] names "c"/],
    ['a merge into an unknown token', bpe({ merges: ['b a'] }), /model\.merges\[0\] names "ba"/],
    ['dropout', bpe({ dropout: 0.1 }), /model\.dropout/],
    ['a piece without a score', unigram({ vocab: [['a']] }), /model\.vocab\[0\]/],
    ['a score that is no number', unigram({ vocab: [['a', '1']] }), /model\.vocab\[0\]/],
    ['an unknown piece out of range', unigram({ unk_id: 5 }), /model\.unk_id is 5/],
  ])('%s is refused with its place', (_, load, message) => {
    expect(load).toThrow(message);
  });

  test('text that a model without an unknown token cannot spell is an error of its input', () => {
    expect(() => unigram({ unk_id: null })().encode('b')).toThrow(/TOKENIZER_INPUT|cannot spell/);
  });
});
