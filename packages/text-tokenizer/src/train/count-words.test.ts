import { describe, expect, test } from '@jest/globals';
import { countWords } from './count-words.js';
import { Pace } from './pace.js';

const words = (line: string, emit: (word: string) => void) => line.split(' ').forEach(emit);
const count = (lines: Iterable<string>, maximum: number) => countWords(lines, words, maximum, new Pace({}));

function* corpus(lines: number) {
  for (let i = 0; i < lines; i++) yield `often ${i % 3 === 0 ? 'sometimes' : 'mostly'} rare${i}`;
}

describe('countWords', () => {
  test('counts every word of a stream', async () => {
    expect([...(await count(['a b a', 'b a'], 1000))]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });

  test('forgets the rarest words when there are too many, and none of the frequent ones', async () => {
    const counts = await count(corpus(100_000), 2000);
    expect(counts.size).toBeLessThanOrEqual(2000);
    expect([counts.get('often'), counts.get('sometimes'), counts.get('mostly')]).toEqual([100_000, 33_334, 66_666]);
  });

  test('counts a long word as several', async () => {
    const long = function* () {
      for (let i = 0; i < 100; i++) yield `word${i} ${'x'.repeat(6400)}${i}`;
    };
    const counts = await count(long(), 1000);
    expect([...counts.keys()].filter((word) => word.length > 1000).length).toBeLessThanOrEqual(10);
  });

  test.each([
    ['line 2 is 7', ['a', 'b', 7]],
    ['line 0 is undefined', [undefined]],
    ['the lines to train on are "text"', 'text'],
    ['the lines to train on are null', null],
  ])('says %s', async (message, lines) => {
    await expect(count(lines as Iterable<string>, 1000)).rejects.toMatchObject({
      code: 'TOKENIZER_INPUT',
      message: expect.stringContaining(message),
    });
  });
});
