import { describe, expect, test } from '@jest/globals';
import { scriptRuns } from './script-runs.js';

const runs = scriptRuns('▁');
const cut = (word: string) => {
  const parts: string[] = [];
  runs(word, (part) => parts.push(part));
  return parts;
};

describe('scriptRuns', () => {
  test.each([
    ['▁hello', ['▁hello']],
    ['▁(2nd)', ['▁(2', 'nd', ')']],
    ["▁don't", ['▁don', "'", 't']],
    ['▁', ['▁']],
    // Kana and Han mix within words; U+30FC goes with them.
    ['▁東京タワーです。', ['▁東京タワーです', '。']],
    ['▁Москва-Moscow', ['▁Москва', '-', 'Moscow']],
    // A combining mark belongs to its letter.
    ['▁e\u0301te\u0301', ['▁e\u0301te\u0301']],
    ['▁𐍈a', ['▁𐍈', 'a']],
  ])('cuts %s', (word, parts) => {
    expect(cut(word)).toEqual(parts);
  });
});
