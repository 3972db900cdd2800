import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadTokenizer } from './load-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  /** Tokens and offsets (in code points: start, end, start, …) are recorded for short texts. */
  readonly tokens?: readonly string[];
  readonly offsets?: readonly number[];
  /** Recorded for every fifth text. */
  readonly ids_with_special?: readonly number[];
  /** Only where it differs from the text. */
  readonly decoded?: string;
  /** Of the ids with begin and end where there are such; recorded for every seventh text. */
  readonly decoded_skip_special?: string;
}

interface Pair {
  readonly text: string;
  readonly pair: string;
  readonly ids: readonly number[];
  readonly type_ids: readonly number[];
  readonly special_mask: readonly number[];
}

const golden = (name: string) => readFileSync(new URL(`./goldens/${name}`, import.meta.url), 'utf8');
const { tokenizers } = JSON.parse(golden('mini-tokenizers.json')) as {
  tokenizers: readonly { file: string; cases: readonly Case[]; pairs: readonly Pair[] }[];
};

/** The place of each UTF-16 unit of a text in code points. */
function codePoints(text: string): number[] {
  const places: number[] = [];
  let count = 0;
  for (const character of text) {
    for (let i = 0; i < character.length; i++) places.push(count);
    count++;
  }
  return [...places, count];
}

describe.each(tokenizers)('$file gives what huggingface/tokenizers gives', ({ file, cases, pairs }) => {
  let tokenizer: Tokenizer;
  beforeAll(() => {
    tokenizer = loadTokenizer(golden(file));
  });

  test.each(cases.map((golden, i) => [i, golden] as const))('case %i', (_, golden) => {
    const { ids, offsets } = tokenizer.encode(golden.text, { addSpecialTokens: false, offsets: true });
    const places = codePoints(golden.text);
    expect([...ids]).toEqual(golden.ids);
    expect([...tokenizer.encode(golden.text, { addSpecialTokens: false }).ids]).toEqual(golden.ids);
    if (golden.offsets !== undefined) expect(offsets!.flat().map((at) => places[at])).toEqual(golden.offsets);
    // What stands for an unknown piece of a Unigram is that piece.
    const unknown = tokenizer.tokenToId('<unk>');
    const tokens = golden.tokens?.map((token, i) => (golden.ids[i] === unknown ? '<unk>' : token));
    if (tokens !== undefined) expect(golden.ids.map((id) => tokenizer.idToToken(id))).toEqual(tokens);
    if (golden.ids_with_special !== undefined) expect([...tokenizer.encode(golden.text).ids]).toEqual(golden.ids_with_special);
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded ?? golden.text);
    if (golden.decoded_skip_special !== undefined) {
      expect(tokenizer.decode(golden.ids_with_special ?? golden.ids, { skipSpecialTokens: true })).toBe(golden.decoded_skip_special);
    }
  });

  test.each(pairs.map((golden, i) => [i, golden] as const))('pair %i', (_, { text, pair, ids, type_ids, special_mask }) => {
    const encoding = tokenizer.encode(text, { pair, offsets: true });
    expect([...encoding.ids]).toEqual(ids);
    expect([...encoding.typeIds]).toEqual(type_ids);
    expect([...encoding.sequenceIds!].map((sequence) => (sequence < 0 ? 1 : 0))).toEqual(special_mask);
  });
});
