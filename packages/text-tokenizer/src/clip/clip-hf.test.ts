import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadInTransformers, type Peers, peerNames } from '../../test/transformers-js.js';
import { loadTokenizer } from '../index.js';
import { clipTokenizer } from './index.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  /** Of the library alone, which leaves `</w>`; only where it differs from the text. */
  readonly decoded?: string;
}

const { cases } = JSON.parse(readFileSync(new URL('../goldens/clip-hf.json', import.meta.url), 'utf8')) as { cases: readonly Case[] };
const tokenizer = clipTokenizer({ compat: 'hf' });
const loaded = loadTokenizer(tokenizer.toJSON());

test('the ids of huggingface/tokenizers, 228 texts, and of its tokenizer.json when it is loaded', () => {
  expect(cases).toHaveLength(228);
  for (const { text, ids, decoded } of cases) {
    expect([text, ...tokenizer.encode(text, { addSpecialTokens: false }).ids]).toEqual([text, ...ids]);
    expect([text, ...loaded.encode(text, { addSpecialTokens: false }).ids]).toEqual([text, ...ids]);
    expect(loaded.decode(ids)).toBe(decoded ?? text);
  }
});

test('any text has the ids and offsets of the tokenizer.json', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(tokenizer.encode(text, { offsets: true })).toEqual(loaded.encode(text, { offsets: true }));
    }),
    { numRuns: 200, seed: 6 },
  );
});

test('begin, end, padding with the end token', () => {
  const { ids, attentionMask } = tokenizer.encodeBatch(['a cat', ''], { padding: 'longest' });
  expect([...ids.data]).toEqual([49406, 320, 2368, 49407, 49406, 49407, 49407, 49407]);
  expect([...attentionMask.data]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  expect([...tokenizer.encode('a', { pair: 'b' }).ids]).toEqual([49406, 320, 49407, 49407, 321, 49407]);
  expect([...tokenizer.encode('<|endoftext|>', { addSpecialTokens: false, specialTokens: 'text' }).ids]).not.toContain(49407);
  expect(() => tokenizer.encode('<|endoftext|>', { specialTokens: 'refuse' })).toThrow(
    expect.objectContaining({ code: 'TOKENIZER_INPUT' }),
  );
});

test('no text is repaired or unescaped', () => {
  expect(tokenizer.encode('&amp;').ids).not.toEqual(tokenizer.encode('&').ids);
  expect(clipTokenizer().encode('&amp;').ids).toEqual(clipTokenizer().encode('&').ids);
});

test('decodes as transformers does: white space instead of ends of words, none before punctuation nor at the ends', () => {
  const { ids } = tokenizer.encode("How are you doing? I don't know, 'tis 2 o'clock.");
  expect(tokenizer.decode(ids)).toBe("<|startoftext|>how are you doing? i don 't know, 't is 2 o'clock. <|endoftext|>");
  expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe("how are you doing? i don 't know, 't is 2 o'clock.");
  const stream = tokenizer.decodeStream({ skipSpecialTokens: true });
  expect([...[...ids].map((id) => stream.push(id)), stream.flush()].join('')).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }));
});

const truth = new URL('../../../../../shared/goldens/tokenizers/transformersjs_ground_truth.json', import.meta.url);
const published = existsSync(truth)
  ? (
      JSON.parse(readFileSync(truth, 'utf8')) as {
        cases: (Case & { tokenizer: string; name: string; tokens: string[]; decoded: string })[];
      }
    ).cases.filter((golden) => golden.tokenizer === 'Xenova/clip-vit-base-patch16')
  : [];

// The recorded texts of Python's transformers; where the file is not at hand there is only one.
describe('the ids, tokens and text of transformers', () => {
  test.each([
    {
      name: 'How are you doing?',
      text: 'How are you doing?',
      ids: [49406, 829, 631, 592, 1960, 286, 49407],
      tokens: ['how</w>', 'are</w>', 'you</w>', 'doing</w>', '?</w>'],
      decoded: '<|startoftext|>how are you doing? <|endoftext|>',
    },
    ...published,
  ])('$name', ({ text, ids, tokens, decoded }) => {
    const encoded = [...tokenizer.encode(text).ids];
    expect(encoded).toEqual(ids);
    expect(encoded.slice(1, -1).map((id) => tokenizer.idToToken(id))).toEqual(tokens);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });
});

describe('both transformers.js load what toJSON writes', () => {
  let peers: Peers<(text: string) => { readonly input_ids: { readonly data: BigInt64Array } }>;

  beforeAll(async () => {
    peers = await loadInTransformers(tokenizer);
  });

  test.each(peerNames)('%s', (peer) => {
    // The older of the two takes JavaScript's \s, which lacks U+0085, and finds no added token in the normalised text.
    const same = peer === '@xenova/transformers' ? cases.filter(({ text }) => !/\x85|<\|STARTOFTEXT/.test(text)) : cases;
    expect(same.length).toBeGreaterThanOrEqual(226);
    for (const { text, ids } of same) {
      const theirs = [...peers[peer](text).input_ids.data].map(Number);
      expect([text, ...theirs]).toEqual([text, 49406, ...ids, 49407]);
    }
  });
});

describe('other merges', () => {
  const merges = '#version: 0.2\nc a\nca t</w>\na t</w>\n';

  test('number their tokens as openai/CLIP does', () => {
    const other = clipTokenizer({ merges });
    expect(other.vocabularySize).toBe(512 + 3 + 2);
    expect(other.idToToken(513)).toBe('cat</w>');
    expect([...other.encode('Cat').ids]).toEqual([515, 513, 516]);
    expect(clipTokenizer({ merges: new TextEncoder().encode(merges.replaceAll('\n', '\r\n')) }).encode('at').ids[1]).toBe(514);
    const json = clipTokenizer({ merges, compat: 'hf' }).toJSON();
    expect([...loadTokenizer(json).encode('cat at').ids]).toEqual([515, 513, 514, 516]);
  });

  test("are CLIP's own when they are those of its file", () => {
    const model = tokenizer.toJSON().model as { merges: string[] };
    const same = clipTokenizer({ merges: `"bpe_simple_vocab_16e6.txt#version: 0.2\n${model.merges.join('\n')}\nmore lines\n` });
    expect(same.vocabularySize).toBe(49_408);
    const text = 'a photo of a cat, naïve 日本 😀';
    expect(same.encode(text).ids).toEqual(clipTokenizer().encode(text).ids);
  });

  test.each([
    ['gzipped', Uint8Array.of(0x1f, 0x8b, 8), 'TOKENIZER_FILE', /gzip/],
    ['not UTF-8', Uint8Array.of(0x61, 0xff), 'TOKENIZER_FILE', /UTF-8/],
    ['empty', '', 'TOKENIZER_FILE', /line 2/],
    ['a line of one token', '#\na b\nab\n', 'TOKENIZER_FILE', /line 3 .*"ab"/],
    ['a line of three tokens', '#\na b c\n', 'TOKENIZER_FILE', /line 2/],
    ['an unknown token', '#\na b\n\nab xy\n', 'TOKENIZER_FILE', /line 4 .*"xy"/],
    ['a number', 7 as never, 'TOKENIZER_OPTIONS', /number/],
  ])('%s is refused', (_, given, code, message) => {
    expect(() => clipTokenizer({ merges: given })).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

test('an unknown compat is refused', () => {
  expect(() => clipTokenizer({ compat: 'open_clip' as 'hf' })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
});
