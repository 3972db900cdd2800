import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { clipTokenizer } from './clip/index.js';
import { loadTokenizer } from './index.js';
import { loadSentencePiece } from './sentencepiece/index.js';
import { loadTiktoken } from './tiktoken/index.js';

const ranks = (name: string) =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve('gpt-tokenizer/package.json')), 'data', `${name}.tiktoken`));
const golden = (name: string) => readFileSync(new URL(`./goldens/${name}`, import.meta.url));
const mini = (name: string) => golden(`${name}.json`);

// A fifth of a megabyte: quadratic time would still be minutes.
const length = 200_000;
const tokenizers = {
  CLIP: clipTokenizer(),
  'cl100k-like': loadTokenizer(mini('bytelevel_cl100klike')),
  'GPT-2-like': loadTokenizer(mini('bytelevel_gpt2like')),
  gpt2: loadTiktoken(ranks('r50k_base'), { encoding: 'gpt2' }),
  cl100k: loadTiktoken(ranks('cl100k_base')),
};
const inputs: Record<string, string> = {
  'one letter': 'a'.repeat(length),
  'two letters': 'ab'.repeat(length / 2),
  // No two places have the same pairs for long.
  'letters in no order': Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i * i * 7 + (i >> 3) * 31) % 26))).join(''),
  'capitals after letters without case': `${'中A'.repeat(length / 2)}A`,
  spaces: `x${' '.repeat(length)}x`,
  'line breaks among spaces': ' \n'.repeat(length / 2),
  'combining marks': '\u0301'.repeat(length),
  'one emoji': '😀'.repeat(length / 2),
  digits: '7'.repeat(length),
  apostrophes: "'".repeat(length),
  'Chinese without a break': '中文分词速度很快'.repeat(length / 8),
  ampersands: '&a'.repeat(length / 2),
  'lone surrogates': '\ud83d'.repeat(length),
};

// The limit leaves room for a busy machine.
test.each(Object.entries(tokenizers).flatMap(([name, tokenizer]) => Object.keys(inputs).map((input) => [name, input, tokenizer] as const)))(
  '%s takes 200,000 characters of %s in seconds',
  (_, input, tokenizer) => {
    const start = performance.now();
    const { ids } = tokenizer.encode(inputs[input]!);
    tokenizer.decode(ids);
    expect(ids.length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(15_000);
  },
);

const offsetsOf = {
  CLIP: clipTokenizer({ compat: 'hf' }),
  'GPT-2-like': tokenizers['GPT-2-like'],
  Unigram: loadTokenizer(mini('unigram_t5like')),
  WordPiece: loadTokenizer(mini('wordpiece_lower')),
  'BPE of characters': loadTokenizer(mini('spbpe_llamalike_legacy')),
  'a SentencePiece BPE model': loadSentencePiece(golden('llama_like_bpe.model')),
  'a SentencePiece Unigram model': loadSentencePiece(golden('t5_like_unigram.model')),
};

test.each(Object.entries(offsetsOf).flatMap(([name, tokenizer]) => Object.keys(inputs).map((input) => [name, input, tokenizer] as const)))(
  '%s takes 100,000 characters of %s with offsets in seconds',
  (_, input, tokenizer) => {
    const start = performance.now();
    const { ids, offsets } = tokenizer.encode(inputs[input]!.slice(0, length / 2), { offsets: true });
    expect(offsets).toHaveLength(ids.length);
    tokenizer.decode(ids);
    expect(performance.now() - start).toBeLessThan(15_000);
  },
);
