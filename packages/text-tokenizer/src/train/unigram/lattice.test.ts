import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PieceTrie } from '../../unigram/piece-trie.js';
import { Lattice } from './lattice.js';
import { pieceTrie } from './piece-trie.js';
import { Pieces } from './pieces.js';

/** Pieces over a and b, the characters first. */
const spelt = ['a', 'b', 'ab', 'ba', 'aab', 'abab', 'bbb', 'ababab'];
const scores = Float64Array.from([-1, -1.5, -2, -2.5, -3, -3.5, -4, -4.5]);
const codes = (word: string) => Int32Array.from(word, (character) => (character === 'a' ? 0 : 1));
const lattice = new Lattice(192, 16);
let trie: PieceTrie;

beforeAll(async () => {
  const pieces = new Pieces(spelt.length);
  const text = codes(spelt.join(''));
  let start = 0;
  spelt.forEach((piece, i) => {
    pieces.add(start, piece.length, scores[i]!);
    start += piece.length;
  });
  trie = await pieceTrie(text, pieces, () => undefined);
});

/** All ways to cut a word, as lists of pieces. */
function cuts(word: string): number[][] {
  if (word === '') return [[]];
  return spelt.flatMap((piece, i) => (word.startsWith(piece) ? cuts(word.slice(piece.length)).map((rest) => [i, ...rest]) : []));
}

const score = (cut: readonly number[], of: Float64Array) => cut.reduce((sum, piece) => sum + of[piece]!, 0);
const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 9 });

describe('Lattice', () => {
  test('expects each piece as often as all ways to cut the word say', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 9 }), (text, count) => {
        const wanted = new Float64Array(spelt.length);
        const all = cuts(text);
        const whole = all.reduce((sum, cut) => sum + Math.exp(score(cut, scores)), 0);
        for (const cut of all) for (const piece of cut) wanted[piece]! += (count * Math.exp(score(cut, scores))) / whole;
        const given = new Float64Array(spelt.length);
        lattice.read(codes(text), 0, text.length, trie);
        lattice.expect(scores.map(Math.exp), count, given);
        given.forEach((value, i) => {
          expect(value).toBeCloseTo(wanted[i]!, 10);
        });
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test('finds the best way to cut a word, and the best that divides it', () => {
    fc.assert(
      fc.property(word, fc.boolean(), (text, divided) => {
        const best = Math.max(
          ...cuts(text)
            .filter((cut) => !divided || cut.length > 1)
            .map((cut) => score(cut, scores)),
        );
        lattice.read(codes(text), 0, text.length, trie, divided);
        const path: number[] = [];
        const given = lattice.viterbi(scores, (piece) => path.unshift(piece));
        if (divided && text.length === 1) expect([given, path]).toEqual([Number.NEGATIVE_INFINITY, []]);
        else {
          expect(given).toBeCloseTo(best, 10);
          expect(path.map((piece) => spelt[piece]).join('')).toBe(text);
        }
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('does not underflow where the probability of a word is far below the smallest number', () => {
    // A factor for every character is the same for all ways to cut a word, so it changes nothing; here a word has about e^-1400.
    const expect192 = (perCharacter: number) => {
      const expected = new Float64Array(spelt.length);
      lattice.read(codes('ab'.repeat(96)), 0, 192, trie);
      lattice.expect(
        scores.map((score, i) => Math.exp(score + perCharacter * spelt[i]!.length)),
        1,
        expected,
      );
      return expected;
    };
    const common = expect192(0);
    expect(common.reduce((sum, value, i) => sum + value * spelt[i]!.length, 0)).toBeCloseTo(192, 6);
    expect192(-7).forEach((value, i) => {
      expect(value).toBeCloseTo(common[i]!, 8);
    });
  });
});
