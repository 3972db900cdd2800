import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IdBuffer } from '../id-buffer.js';
import { cacheableLength, hashUnits, WordCache } from './word-cache.js';

const ask = (cache: WordCache, word: string, hash = hashUnits(word, 0, word.length)) => {
  const out = new IdBuffer();
  return cache.emit(hash, word, 0, word.length, out) ? [...out.slice()] : undefined;
};

test('gives what was added for a word, wherever it stands, and nothing for another', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: cacheableLength / 2 }), { maxLength: 60 }), (words) => {
      const cache = new WordCache();
      const idsOf = (word: string) => Int32Array.from({ length: word.length % 4 }, (_, i) => i * 1000 + word.length);
      const [other, ...known] = words;
      for (const word of known) {
        const text = `<${word}>`;
        cache.add(hashUnits(text, 1, 1 + word.length), text, 1, 1 + word.length, idsOf(word), word.length % 4);
      }
      for (const word of known) expect(ask(cache, word)).toEqual([...idsOf(word)]);
      if (other !== undefined) expect(ask(cache, other)).toBeUndefined();
    }),
  );
});

test('words of one hash are told apart, and forgotten rather than searched for long', () => {
  const cache = new WordCache();
  const words = Array.from({ length: 5_000 }, (_, i) => `word ${i}`);
  for (const [i, word] of words.entries()) cache.add(1, word, 0, word.length, Int32Array.of(i), 1);
  const found = words.map((word) => ask(cache, word, 1));
  for (const [i, ids] of found.entries()) expect(ids ?? [i]).toEqual([i]);
  expect(found.filter((ids) => ids !== undefined).length).toBeGreaterThan(0);
  expect(ask(cache, 'word', 1)).toBeUndefined();
});

test('stays within bounds: after many words it still knows the last one', () => {
  const cache = new WordCache();
  const ids = Int32Array.from({ length: 40 }, (_, i) => i);
  for (let i = 0; i < 200_000; i++) {
    const word = `${i} is a word that takes some room in the cache`;
    cache.add(hashUnits(word, 0, word.length), word, 0, word.length, ids, (i % 40) + 1);
    if (i % 10_000 === 0) expect(ask(cache, word)).toEqual([...ids.subarray(0, (i % 40) + 1)]);
  }
});
