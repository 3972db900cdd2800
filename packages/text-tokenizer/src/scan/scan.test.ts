import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { translateRegex } from '../components/regex.js';
import { JsonReader } from '../json/json-reader.js';
import type { Splitter } from '../pipeline/stages.js';
import { scannerFor } from './index.js';

const patterns = {
  'GPT-2': "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  cl100k:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  Qwen: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k:
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  CLIP: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
};

/** Every class of character that a pattern knows, the odd ones of each, and what contractions are made of. */
const characters = Array.from(
  [
    'aZsSkK tmdreveLl09 \n\r\t\v\f!\'"/-_',
    '\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\ufeff\u200b\u200d\u180e', // white space and what is none
    'éßſKİıǅΣςяЖאب中の한ªʰ',
    '\u0301\u0345\u20dd\ufe0f\u0903', // marks of all three kinds
    '²½Ⅷ٣०௧', // numbers of all three kinds
    '😀𝐀𝐚𠀀𝟘𐍈𑀀\u{1d165}\u{e0100}\u{10ffff}\u{e000}\u0378',
  ].join(''),
);

const text = fc
  .array(fc.constantFrom(...characters, '\ud83d', '\ude00', "'s", "'LL", "'ſ", '  ', '\r\n'), { maxLength: 24 })
  .map((parts) => parts.join(''));

function pieces(split: Splitter, input: string): string[] {
  const all: string[] = [];
  split(input, (start, end) => all.push(input.slice(start, end)));
  return all;
}

describe.each(Object.entries(patterns))('the scanner of %s', (_, source) => {
  const scanner = scannerFor(source)!;
  const pattern = translateRegex(source, new JsonReader(source, 'pattern'));
  const expected = (input: string) => input.match(pattern) ?? [];

  test('finds what its regular expression finds', () => {
    fc.assert(
      fc.property(text, (input) => {
        expect(pieces(scanner.split, input)).toEqual([...expected(input)]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('takes every character for what its regular expression takes it', () => {
    for (let start = 0; start < 0x110000; start += 256) {
      // Most of these planes is unassigned; all of what is assigned lies here.
      if (start >= 0x33500 && start < 0xe0000) continue;
      let input = '';
      for (let code = start; code < start + 256; code++) input += `a${String.fromCodePoint(code)}${code % 2 ? 'b' : '!'}`;
      expect(pieces(scanner.split, input)).toEqual([...expected(input)]);
    }
  });

  test(scanner.coversText ? 'covers the text' : 'leaves out white space alone', () => {
    fc.assert(
      fc.property(text, (input) => {
        const joined = pieces(scanner.split, input).join('');
        expect(joined).toBe(scanner.coversText ? input : input.replace(/\p{White_Space}/gu, ''));
      }),
    );
  });
});

test('an unknown pattern has no scanner', () => {
  expect(scannerFor('\\s+')).toBeUndefined();
  expect(scannerFor('constructor')).toBeUndefined();
});
