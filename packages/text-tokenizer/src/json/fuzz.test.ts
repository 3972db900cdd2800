import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadTokenizer, TokenizerError, trainTokenizer } from '../index.js';

/** A seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../goldens/${name}`, import.meta.url), 'utf8'));

/** The published kinds, with a vocabulary cut down so that two thousand loads take seconds. */
function shrink(document: Record<string, unknown>): Record<string, unknown> {
  const model = document.model as { vocab: Record<string, number>; merges: unknown[] };
  const added = new Set((document.added_tokens as { content: string }[]).map((token) => token.content));
  const vocab = Object.entries(model.vocab).filter(([token]) => [...token.replace('</w>', '')].length === 1 || added.has(token));
  return { ...document, model: { ...model, vocab: Object.fromEntries(vocab), merges: [] } };
}

const junk: readonly unknown[] = [
  null, true, -1, 0, 1.5, 1e300, 2147483647, '', 'x', '__proto__', '(a+)+$', '[', '(?<', '\\', '\ud800', [], [[]], ['a'], ['a', 'b', 'c'], {},
  { type: 'constructor' }, { type: 'Sequence' }, { Regex: '(?:a*)*' }, { Regex: '\\p{Nope}' }, { String: '' }, 'a '.repeat(2000),
]; // biome-ignore format: a list

function mutate(value: unknown, random: () => number): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.08) return junk[Math.floor(random() * junk.length)];
  const keys = Object.keys(value);
  const key = keys[Math.floor(random() * keys.length)];
  if (key === undefined) return junk[Math.floor(random() * junk.length)];
  if (Array.isArray(value)) {
    const copy = [...value];
    if (random() < 0.2) copy.splice(Number(key), 1);
    else copy[Number(key)] = mutate(copy[Number(key)], random);
    return copy;
  }
  const { [key]: old, ...rest } = value as Record<string, unknown>;
  if (random() < 0.1) return rest;
  if (random() < 0.1) return { ...rest, __proto__: null, [['__proto__', 'type', 'id'][Math.floor(random() * 3)]!]: old };
  return { ...rest, [key]: mutate(old, random) };
}

test('2,000 damaged tokenizer.json files load or throw a TokenizerError, and never hang', async () => {
  const random = mulberry32(20_260_101);
  const trained = await trainTokenizer(['a red heart'], {
    kind: 'byte-level-bpe',
    vocabularySize: 270,
    minimumCount: 1,
    normalizer: ['NFKC'],
  });
  const documents = [
    trained.toJSON(),
    ...['bpe_cliplike.json', 'bytelevel_cl100klike.json', 'bytelevel_gpt2like.json'].map((name) => shrink(read(name))),
  ];
  const text = "A  test, isn't it?  <|img|> [word] 你好 \ud83d\ude00\ud83d ".repeat(3);
  const outcomes = { loaded: 0, refused: 0 };
  for (let i = 0; i < 2000; i++) {
    const document = documents[i % documents.length]!;
    let input: string | Uint8Array = JSON.stringify(mutate(document, random));
    if (i % 5 === 4) {
      const bytes = new TextEncoder().encode(input).slice(0, Math.floor(random() * input.length));
      for (let j = 0; j < 3 && bytes.length > 0; j++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      input = bytes;
    }
    try {
      const tokenizer = loadTokenizer(input);
      const { ids } = tokenizer.encode(text);
      tokenizer.decode(ids);
      loadTokenizer(JSON.parse(JSON.stringify(tokenizer.toJSON())));
      outcomes.loaded++;
    } catch (error) {
      if (!(error instanceof TokenizerError)) throw new Error(`input ${i} threw ${String(error)}`, { cause: error });
      expect(error.code).toMatch(/^TOKENIZER_/);
      outcomes.refused++;
    }
  }
  expect(outcomes.loaded).toBeGreaterThan(200);
  expect(outcomes.refused).toBeGreaterThan(600);
});
