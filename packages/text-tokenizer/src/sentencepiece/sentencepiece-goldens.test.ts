import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadTokenizer } from '../load-tokenizer.js';
import { loadSentencePiece } from './index.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly pieces?: readonly string[];
  /** Only where it differs from the text. */
  readonly decoded?: string;
  readonly nbest3?: readonly (readonly number[])[];
}

interface SmallCase extends Case {
  /** In code points. */
  readonly offsets: readonly (readonly [start: number, end: number])[];
  readonly nbest?: readonly (readonly number[])[];
}

const golden = (name: string) => readFileSync(new URL(`../goldens/${name}`, import.meta.url));
const { models } = JSON.parse(golden('sentencepiece.json').toString()) as { models: readonly { model: string; cases: readonly Case[] }[] };
const small = JSON.parse(golden('sentencepiece-small.json').toString()) as {
  models: readonly {
    name: string;
    model: string;
    cases: readonly SmallCase[];
    decoding: readonly { ids: readonly number[]; decoded: string }[];
  }[];
};

describe('the C++ library, version 0.1.97', () => {
  test.each(models)('$model: ids, pieces, decoded text, n-best lists', ({ model, cases }) => {
    const tokenizer = loadSentencePiece(golden(model.replace('spm/', '')));
    for (const { text, ids, pieces, decoded, nbest3 } of cases) {
      const encoding = tokenizer.encode(text, { offsets: true });
      expect([text, ...tokenizer.encode(text).ids]).toEqual([text, ...ids]);
      expect([text, ...encoding.ids]).toEqual([text, ...ids]);
      expect(tokenizer.decode(encoding.ids)).toBe(decoded ?? text);
      if (nbest3 !== undefined) expect(tokenizer.nBest(text, 3).map((each) => [...each.ids])).toEqual(nbest3);
      // An unknown piece is given there as the text that it stands for.
      pieces?.forEach((piece, i) => {
        if (ids[i] !== tokenizer.tokenToId('<unk>')) expect(tokenizer.idToToken(ids[i]!)).toBe(piece);
      });
    }
    expect(cases).toHaveLength(230);
  });

  test.each(small.models)('$name: ids, offsets, decoded text, n-best lists', ({ model, cases, decoding }) => {
    const tokenizer = loadSentencePiece(Buffer.from(model, 'base64'));
    for (const { text, ids, offsets, decoded, nbest } of cases) {
      expect([text, ...tokenizer.encode(text).ids]).toEqual([text, ...ids]);
      const encoding = tokenizer.encode(text, { offsets: true });
      const place = (unit: number) => Array.from(text.slice(0, unit)).length;
      expect([text, ...encoding.ids]).toEqual([text, ...ids]);
      expect([text, ...encoding.offsets!.map(([start, end]) => [place(start), place(end)])]).toEqual([text, ...offsets]);
      expect(tokenizer.decode(ids)).toBe(decoded);
      if (nbest !== undefined) expect(tokenizer.nBest(text, 4).map((each) => [...each.ids])).toEqual(nbest);
    }
    for (const { ids, decoded } of decoding) {
      expect(tokenizer.decode(ids)).toBe(decoded);
      const stream = tokenizer.decodeStream();
      expect(ids.map((id) => stream.push(id)).join('') + stream.flush()).toBe(decoded);
    }
  });
});

describe('toJSON', () => {
  test.each(['llama_like_bpe.model', 't5_like_unigram.model', 'google_test_model.model'])(
    '%s has the same ids as a tokenizer.json',
    (name) => {
      const tokenizer = loadSentencePiece(golden(name), { addBegin: name.startsWith('llama'), addEnd: true });
      const again = loadTokenizer(JSON.parse(JSON.stringify(tokenizer.toJSON())), tokenizer.toConfigJSON());
      const { cases } = models.find(({ model }) => model.endsWith(name))!;
      // A tokenizer.json finds special tokens in the text, and its normaliser of rules drops marks that follow what a rule replaces.
      const ordinary = cases.filter(({ text }) => !/<\/?(s|unk|pad)>|\p{M}/u.test(text));
      for (const { text } of ordinary) expect([text, ...again.encode(text).ids]).toEqual([text, ...tokenizer.encode(text).ids]);
      expect(ordinary.length).toBeGreaterThan(150);
      expect(again.encode('a').ids.at(-1)).toBe(tokenizer.tokenToId('</s>'));
    },
  );

  test.each([
    ['word', 'unknown words'],
    ['unigram_suffix', 'a space after every text'],
    ['bpe_ties', 'share a score'],
    ['bpe_unused', 'unused pieces'],
    ['char', 'user-defined symbols'],
  ])('a %s model that no tokenizer.json can express is refused by what stands in the way', (name, reason) => {
    const { model } = small.models.find((each) => each.name === name)!;
    expect(() => loadSentencePiece(Buffer.from(model, 'base64')).toJSON()).toThrow(reason);
  });
});
