import { describe, expect, test } from '@jest/globals';
import { Pace } from '../pace.js';
import { learnPieces } from './learn-pieces.js';
import { PieceCorpus } from './piece-corpus.js';

const pace = new Pace({});

async function learn(words: Record<string, number>, size: number, alphabet: readonly string[], longestPiece = 16) {
  const corpus = await PieceCorpus.of(new Map(Object.entries(words)), alphabet, pace);
  return learnPieces(corpus, { size, longestPiece, shrinkingFactor: 0.75, pace });
}

describe('learnPieces', () => {
  test('learns the words that a text is made of, and their probabilities', async () => {
    // Long chains of three parts, no two chains alike: nothing explains them better than the three.
    const parts = ['abc', 'de', 'fghi'];
    let state = 1;
    const next = () => {
      state = (state * 16_807) % 2_147_483_647;
      return parts[state % 3]!;
    };
    const words = Object.fromEntries(Array.from({ length: 400 }, () => [Array.from({ length: 12 }, next).join(''), 1]));
    const alphabet = [...'abcdefghi'];
    const pieces = await learn(words, alphabet.length + 3, alphabet, 4);
    expect(
      pieces
        .slice(0, 3)
        .map(({ piece }) => piece)
        .sort(),
    ).toEqual(parts);
    // 'dede' takes its share from 'de'.
    for (const { score } of pieces.slice(0, 3)) expect(Math.abs(Math.exp(score) - 1 / 3)).toBeLessThan(0.1);
  });

  test('keeps all characters, also those that no cut uses, and no more pieces than it may', async () => {
    const alphabet = [...'abxyz'];
    const pieces = await learn({ ab: 1000, abab: 500, xyz: 1 }, 6, alphabet);
    expect(pieces).toHaveLength(6);
    expect(pieces.map(({ piece }) => piece)).toEqual(expect.arrayContaining([...alphabet, 'ab']));
    expect(pieces[0]!.piece).toBe('ab');
    expect(pieces.every(({ score }) => Number.isFinite(score) && score <= 0)).toBe(true);
  });

  test('takes a text without words', async () => {
    expect((await learn({}, 10, ['▁'])).map(({ piece }) => piece)).toEqual(['▁']);
  });
});
