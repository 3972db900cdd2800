import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { JsonReader } from '../json/json-reader.js';
import { translateRegex } from './regex.js';

const translate = (source: string) => translateRegex(source, new JsonReader(source, 'pattern.Regex'));
const matches = (source: string, text: string) => text.match(translate(source)) ?? [];

describe('translateRegex', () => {
  test('takes the patterns of GPT-4, GPT-4o and Qwen as they are published', () => {
    const cl100k =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    expect(matches(cl100k, "I'LL pay 12345 yen…\n\n  now")).toEqual(['I', "'LL", ' pay', ' ', '123', '45', ' yen', '…\n\n', ' ', ' now']);
    const o200k =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    expect(matches(o200k, "HelloWorld it's 2024/05")).toEqual(['Hello', 'World', " it's", ' ', '202', '4', '/', '05']);
  });

  test("means Ruby's classes, not JavaScript's", () => {
    expect(matches('\\s', '\u0085\ufeff ')).toEqual(['\u0085', ' ']);
    expect(matches('\\w+', 'é٣_-')).toEqual(['é٣_']);
    expect(matches('\\d', '٣')).toEqual(['٣']);
    expect(matches('.', '\r\n')).toEqual(['\r']);
    expect(matches('^b$', 'a\nb\nc')).toEqual(['b']);
    expect(matches('\\p{Han}+', 'a漢字')).toEqual(['漢字']);
    expect(matches("(?i:'s)", "'ſ 'S")).toEqual(["'ſ", "'S"]);
    expect(matches('[^\\s\\-\\#]', 'a-# ')).toEqual(['a']);
    expect(matches('\\x41|\\x{42}|\\u0043', 'ABC')).toEqual(['A', 'B', 'C']);
  });

  test.each(['(a+)+$', '(?:a*)*', '(?:a|a)*b', '(?:a?a?){2,}b', '((?:a+)b?)+'])('refuses %s, which can take exponential time', (source) => {
    expect(() => translate(source)).toThrow(expect.objectContaining({ code: 'TOKENIZER_FILE' }));
  });

  test.each(['[a[b]]', '[a&&b]', 'a++', '(?>a)', '\\G', '[a', '(a', 'a)', '\\p{Nope}', '\\', '(?i:é)', '(?i:[a])', '\\p', 'x{3,1}'])(
    'says that %s has no translation',
    (source) => {
      expect(() => translate(source)).toThrow(TokenizerError);
      expect(() => translate(source)).toThrow(expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }));
    },
  );
});
