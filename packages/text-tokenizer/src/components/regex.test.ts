import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { translateRegex } from './regex.js';

const translate = (source: string) => translateRegex(source, new JsonReader(source, 'pattern.Regex'));
const matches = (source: string, text: string) => (text.match(translate(source)) ?? []).filter((match) => match !== '');

describe('translateRegex', () => {
  test('takes the patterns of GPT-4, GPT-4o and Qwen as they are published', () => {
    const cl100k =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    expect(matches(cl100k, "I'LL pay 12345 yen…\n\n  now")).toEqual(['I', "'LL", ' pay', ' ', '123', '45', ' yen', '…\n\n', ' ', ' now']);
    const o200k =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    expect(matches(o200k, "HelloWorld it's 2024/05")).toEqual(['Hello', 'World', " it's", ' ', '202', '4', '/', '05']);
  });

  test('takes the patterns of tiktoken, DeepSeek, Kimi, Bloom and StarCoder', () => {
    const tiktoken =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
    expect(matches(tiktoken, "I'LL pay 12345!\n\n  x ")).toEqual(['I', "'LL", ' pay', ' ', '123', '45', '!\n\n', ' ', ' x', ' ']);
    const deepSeek =
      '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
    expect(matches(deepSeek, '#include <stdio.h>')).toEqual(['#include', ' <', 'stdio', '.h', '>']);
    const kimi =
      "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+";
    expect(matches(kimi, 'Hello世界ok 12')).toEqual(['Hello', '世界', 'ok', ' ', '12']);
    expect(matches(' ?[^(\\s|[.,!?…。，、।۔،])]+', 'Hi, you。x')).toEqual(['Hi', ' you', 'x']);
    expect(matches('[0-9][0-9][0-9]|\\d{1,2}', '12345')).toEqual(['123', '45']);
  });

  test("means Oniguruma's classes, not JavaScript's", () => {
    expect(matches('\\s', '\u0085\ufeff ')).toEqual(['\u0085', ' ']);
    expect(matches('\\w+', 'é٣_-')).toEqual(['é٣_']);
    expect(matches('\\w', 'Ⅷ²⁴ⓐ')).toEqual(['Ⅷ', '²', 'ⓐ']);
    expect(matches('[\\w]', 'Ⅷ²⁴ⓐ')).toEqual(['Ⅷ', 'ⓐ']);
    expect(matches('\\W+', 'a-²!b')).toEqual(['-', '!']);
    expect(matches('\\d', '٣')).toEqual(['٣']);
    expect(matches('\\h+', '12xg')).toEqual(['12']);
    expect(matches('.', '\r\n')).toEqual(['\r']);
    expect(matches('^b$', 'a\nb\nc')).toEqual(['b']);
    expect(matches('\\Aab|b\\z', 'abab')).toEqual(['ab', 'b']);
    expect(matches('\\p{Han}+', 'a漢字')).toEqual(['漢字']);
    expect(matches('\\p{^L}+|\\P{^Lu}', 'aB1')).toEqual(['B', '1']);
    expect(matches('[[:alpha:][:^space:]]+|[[:punct:]]', 'a1 +')).toEqual(['a1', '+']);
    expect(matches("(?i:'s)", "'ſ 'S")).toEqual(["'ſ", "'S"]);
    expect(matches('(?i)[a-c]É+|(?-i:k)', 'BéÉ Kk')).toEqual(['BéÉ', 'k']);
    expect(matches('(?i)[^\\s\\p{L}\\p{N}]+', '-\u0345!')).toEqual(['-', '!']);
    expect(matches('[^\\s\\-\\#]', 'a-# ')).toEqual(['a']);
    expect(matches('\\x41|\\x{42}|\\u0043', 'ABC')).toEqual(['A', 'B', 'C']);
    expect(matches('a\\b|\\bb', 'a ab b')).toEqual(['a', 'b']);
    expect(matches('\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))', '12345')).toEqual(['12', '345']);
    expect(matches('\\R', 'a\r\n\u2028')).toEqual(['\r\n', '\u2028']);
    expect(matches('[]a]+|[^]b]', 'a]bc')).toEqual(['a]', 'c']);
    expect(matches('a{,2}', 'aaa')).toEqual(['aa', 'a']);
    expect(matches('a{1,2}+', 'aaaaab')).toEqual(['aaaaa']);
  });

  test('nests and intersects character classes', () => {
    expect(matches('[a[^b]]+', 'abcab')).toEqual(['a', 'ca']);
    expect(matches('[a-c&&b-d]+', 'abcd')).toEqual(['bc']);
    expect(matches('[^a-c&&b-d]+', 'abcdxyz')).toEqual(['a', 'dxyz']);
    expect(matches('[a-z&&[^aeiou]]+', 'abcide')).toEqual(['bc', 'd']);
    expect(matches('[x[a-c[1-3]]]+', 'x2b-c')).toEqual(['x2b', 'c']);
    expect(matches('[a-z&&]|[&&a]|1', 'a1')).toEqual(['1']);
    expect(matches('[a\\W]+', 'a-b')).toEqual(['a-']);
  });

  test('never gives back what an atomic group or a possessive repetition took', () => {
    expect(matches('a++a|b', 'aab')).toEqual(['b']);
    expect(matches('(?>a|ab)c|d', 'abcd')).toEqual(['d']);
    expect(matches('(?:ab)*+ab|x', 'ababx')).toEqual(['x']);
    expect(matches('(?:(?>a+)b)+', 'aababa')).toEqual(['aabab']);
    expect(matches('a?+a|c', 'aac')).toEqual(['aa', 'c']);
  });

  test.each(['(a+)+$', '(?:a*)*', '(?:a|a)*b', '(?:a?a?){2,}b', '((?:a+)b?)+'])('refuses %s, which can take exponential time', (source) => {
    expect(() => translate(source)).toThrow(expect.objectContaining({ code: 'TOKENIZER_FILE' }));
  });

  test.each([
    'a*a*a*b',
    'a*a+b',
    '\\p{L}+\\p{Lu}*\\d',
    '[ab]+c?[bd]+$',
    '(a*)(a*)b',
    'a+(?=a*b)',
    'a*(?:a*b)?',
    'a*aa*b',
    `${'a?'.repeat(30)}b`,
    `${'(a?)'.repeat(30)}b`,
    `${'(?:a|a)'.repeat(30)}b`,
    'a{0,500}a{1,500}b',
    'a+a++b',
    '[㐀-龥]+\\p{Han}+x',
  ])('refuses %s, which can take cubic time or more', (source) => {
    expect(() => translate(source)).toThrow(expect.objectContaining({ code: 'TOKENIZER_FILE', message: expect.stringContaining('cubic') }));
  });

  test.each([
    'a*b*c*d',
    '\\s*[\\r\\n]+|\\s+$',
    '\\p{L}+\\d',
    'a++a*b',
    '[a-f]+x[a-f]+y',
    '\\d+(?:\\.\\d+)?',
    '-?\\w+(?:[.]\\w+)?!?',
    '\\s+(?!\\S)',
  ])('takes %s', (source) => {
    expect(translate(source)).toBeInstanceOf(RegExp);
  });

  test.each([
    '\\G',
    '[a',
    '(a',
    'a)',
    '\\p{Nope}',
    '\\p{constructor}',
    '[\\p{toString}]',
    '\\',
    '(?i:ß)',
    '(?i:[\\p{Lu}])',
    '(?m:a)',
    '\\p',
    'x{3,1}',
    'x{2,3}+',
    '[b-a]',
    '[[:nope:]]',
    '(?<=a++)b',
    '*a',
    '[['.repeat(20),
    '('.repeat(300),
  ])('says that %s has no translation', (source) => {
    expect(() => translate(source)).toThrow(TokenizerError);
    expect(() => translate(source)).toThrow(expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }));
  });
});
