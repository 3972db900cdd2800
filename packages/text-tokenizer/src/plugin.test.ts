import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRegistry } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { clipTokenizer } from './clip/index.js';
import { tokenizerPlugin, trainTokenizer } from './index.js';
import { VERSION } from './plugin.js';

const samples = ['a red heart', '', '下雨天', 'a photo of 🐱 & a dog'];
const options = { kind: 'byte-level-bpe', vocabularySize: 300, minimumCount: 1 } as const;
const specialTokens = { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' };
const trained = tokenizerPlugin(await trainTokenizer(samples, { ...options, specialTokens }), { name: '@acme/captions' });
const normalized = tokenizerPlugin(await trainTokenizer(samples, { ...options, specialTokens, normalizer: ['NFKC', 'Lowercase'] }), {
  name: '@acme/normalized',
  padding: 'max',
  maxLength: 40,
});
const clip = tokenizerPlugin(clipTokenizer(), { name: '@polymodal/text-tokenizer/clip', padding: 'max', truncation: true });

describe('the contract, by a trained tokenizer', () => {
  for (const { name, run } of conformance(trained, { samples })) test(name, run);
});
describe('the contract, by a trained tokenizer that normalises', () => {
  for (const { name, run } of conformance(normalized, { samples: ['Ａ Red HEART', 'İ ﬁ'], roundTrip: 'tokens' })) test(name, run);
});
describe("the contract, by CLIP's tokenizer", () => {
  for (const { name, run } of conformance(clip, { samples, roundTrip: 'tokens' })) test(name, run);
});

test('the registry finds it', async () => {
  const tokens = await createRegistry([clip]).tokenizer('text').encode(['a photo of a cat']);
  expect(tokens.ids?.dims).toEqual([1, 77]);
});

test('a long batch can be aborted in the middle', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const texts = Array.from({ length: 20_000 }, (_, i) => `text ${i} of many `.repeat(40));
  const call = { signal: controller.signal, onProgress: () => controller.abort(reason) };
  await expect(trained.parts[0].encode(texts, call)).rejects.toBe(reason);
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});
