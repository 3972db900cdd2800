import { describe, expect, test } from '@jest/globals';
import { captions, chineseDocument, englishDocument } from './text-corpus.js';

describe.each([
  ['English', englishDocument],
  ['Chinese', chineseDocument],
])('a document in %s', (_, document) => {
  test('is a megabyte, the same for a seed and another for another', () => {
    const text = document(1);
    const bytes = Buffer.byteLength(text);
    expect(bytes).toBeGreaterThan(990_000);
    expect(bytes).toBeLessThan(1_050_000);
    expect(document(1)).toBe(text);
    expect(document(2)).not.toBe(text);
  });
});

test('captions are the same for a seed, and mostly different from each other', () => {
  const made = captions(1_000, 3);
  expect(captions(1_000, 3)).toEqual(made);
  expect(new Set(made).size).toBeGreaterThan(950);
  expect(made.every((caption) => !/[‘’“”]/.test(caption))).toBe(true);
});
