import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadTokenizer } from './index.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  /** Recorded for every fifth text. */
  readonly ids_with_special?: readonly number[];
  /** Only where it differs from the text. */
  readonly decoded?: string;
  readonly decoded_skip_special?: string;
}

const golden = (name: string) => new URL(`./goldens/${name}`, import.meta.url);
const { tokenizers } = JSON.parse(readFileSync(golden('mini-tokenizers.json'), 'utf8')) as {
  tokenizers: readonly { file: string; cases: readonly Case[] }[];
};

describe.each(tokenizers)('$file has the ids of huggingface/tokenizers', ({ file, cases }) => {
  const tokenizer = loadTokenizer(readFileSync(golden(file)));

  test.each(cases.map((golden, i) => [i, golden] as const))('case %i', (_, golden) => {
    expect([...tokenizer.encode(golden.text, { addSpecialTokens: false }).ids]).toEqual(golden.ids);
    if (golden.ids_with_special !== undefined) expect([...tokenizer.encode(golden.text).ids]).toEqual(golden.ids_with_special);
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded ?? golden.text);
    if (golden.decoded_skip_special !== undefined) {
      expect(tokenizer.decode(golden.ids, { skipSpecialTokens: true })).toBe(golden.decoded_skip_special);
    }
  });
});
