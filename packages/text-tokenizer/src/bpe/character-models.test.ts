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
    [
      'a prefix that is a text of its own',
      bpe({ continuing_subword_prefix: '#'.repeat(5000) }),
      /model\.continuing_subword_prefix has 5000/,
    ],
    ['dropout', bpe({ dropout: 0.1 }), /model\.dropout/],
    ['a piece without a score', unigram({ vocab: [['a']] }), /model\.vocab\[0\]/],
    ['a score that is no number', unigram({ vocab: [['a', '1']] }), /model\.vocab\[0\]/],
    ['an unknown piece out of range', unigram({ unk_id: 5 }), /model\.unk_id is 5/],
  ])('%s is refused with its place', (_, load, message) => {
    expect(load).toThrow(message);
  });

  test('pairs that were chosen to fall into one place of the table are refused, not lost', () => {
    const { imul } = Math;
    const hash = (left: number, right: number) => {
      const mixed = imul(left, 0x9e3779b1) ^ imul(right, 0x85ebca6b);
      return (mixed ^ (mixed >>> 15)) & 0x3fff;
    };
    const character = (id: number) => String.fromCodePoint(0x10000 + id);
    const vocab: Record<string, number> = {};
    const merges: [string, string][] = [];
    for (let left = 0; merges.length < 6000; left++) {
      for (let right = 0; right < 4000 && merges.length < 6000; right++) {
        if (hash(left, right) !== 7) continue;
        vocab[character(left)] = left;
        vocab[character(right)] = right;
        vocab[character(left) + character(right)] = 45_000 + merges.length;
        merges.push([character(left), character(right)]);
      }
    }
    expect(bpe({ vocab, merges })).toThrow(/model\.merges names pairs of tokens that were chosen to collide/);
  });

  test('unknown bytes take linear time with offsets', () => {
    const tokenizer = loadTokenizer({
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      model: { type: 'BPE', vocab: { a: 0, '<unk>': 1 }, merges: [], unk_token: '<unk>' },
    });
    const start = performance.now();
    expect(tokenizer.encode('b'.repeat(300_000), { offsets: true }).offsets!.at(-1)).toEqual([299_999, 300_000]);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('text that a model without an unknown token cannot spell is an error of its input', () => {
    expect(() => unigram({ unk_id: null })().encode('b')).toThrow(/TOKENIZER_INPUT|cannot spell/);
  });
});
