import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Encoding } from './encoding.js';
import { loadTokenizer } from './load-tokenizer.js';

interface Part {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  /** In code points. */
  readonly offsets: readonly (readonly [number, number])[];
  readonly words: readonly (number | null)[];
  readonly sequences: readonly (number | null)[];
}

interface Case extends Partial<Part> {
  readonly file: string;
  readonly text: string;
  readonly pair: string | null;
  readonly maxLength: number;
  readonly stride: number;
  readonly strategy: 'longest-first' | 'only-first' | 'only-second';
  readonly side: 'left' | 'right';
  readonly overflowing?: readonly Part[];
  /** What the original raises, or panics with. */
  readonly error?: string;
}

const golden = (name: string) => readFileSync(new URL(`./goldens/${name}`, import.meta.url), 'utf8');
const { cases } = JSON.parse(golden('truncation.json')) as { cases: readonly Case[] };
const files = new Map([...new Set(cases.map(({ file }) => file))].map((file) => [file, golden(file)]));

const codePoints = (text: string, unit: number) => [...text.slice(0, unit)].length;
const orNull = (ids: Int32Array | undefined) => Array.from(ids ?? [], (id) => (id < 0 ? null : id));

function plain({ ids, typeIds, offsets, wordIds, sequenceIds }: Encoding, texts: readonly [string, string]): Part {
  return {
    ids: [...ids],
    typeIds: [...typeIds],
    offsets: offsets!.map(([start, end], i) => {
      const text = texts[sequenceIds![i]!] ?? '';
      return [codePoints(text, start), codePoints(text, end)] as const;
    }),
    words: orNull(wordIds),
    sequences: orNull(sequenceIds),
  };
}

describe('truncation, overflow and pairs are those of huggingface/tokenizers', () => {
  test.each(cases.map((golden, i) => [i, golden] as const))('case %i', (_, golden) => {
    const { text, pair, maxLength, stride, strategy, side } = golden;
    const tokenizer = loadTokenizer(files.get(golden.file)!, { truncation_side: side });
    const encode = () =>
      tokenizer.encode(text, { ...(pair !== null && { pair }), maxLength, stride, truncation: strategy, overflow: true, offsets: true });
    if (golden.error !== undefined) {
      // A panic of the original is an error like the others here.
      expect(encode).toThrow(expect.objectContaining({ code: expect.stringMatching(/TOO_LONG|OPTIONS/) }));
      return;
    }
    const encoding = encode();
    const texts = [text, pair ?? ''] as const;
    const { ids, typeIds, offsets, words, sequences } = golden;
    expect(plain(encoding, texts)).toEqual({ ids, typeIds, offsets, words, sequences });
    expect((encoding.overflowing ?? []).map((part) => plain(part, texts))).toEqual(golden.overflowing);
  });
});
