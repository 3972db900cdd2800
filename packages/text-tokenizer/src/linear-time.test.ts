import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { clipTokenizer } from './clip/index.js';
import { loadTokenizer } from './index.js';

// A fifth of a megabyte: quadratic time would still be minutes.
const length = 200_000;
const tokenizers = {
  CLIP: clipTokenizer(),
  'cl100k-like': loadTokenizer(readFileSync(new URL('./goldens/bytelevel_cl100klike.json', import.meta.url))),
};
const inputs: Record<string, string> = {
  'one letter': 'a'.repeat(length),
  spaces: `x${' '.repeat(length)}x`,
  'combining marks': '\u0301'.repeat(length),
  'one emoji': '😀'.repeat(length / 2),
  digits: '7'.repeat(length),
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
