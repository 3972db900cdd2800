import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Pace } from '../pace.js';
import { PieceCorpus } from './piece-corpus.js';
import { seedPieces } from './seed-pieces.js';

const alphabet = ['a', 'b', 'c'];
const pace = new Pace({});

async function seedsOf(words: ReadonlyMap<string, number>, longest: number, most?: number): Promise<Map<string, number>> {
  const corpus = await PieceCorpus.of(words, alphabet, pace);
  const pieces = await seedPieces(corpus, longest, pace, most);
  return new Map(
    Array.from({ length: pieces.count }, (_, i) => [
      [...corpus.text.subarray(pieces.starts[i]!, pieces.starts[i]! + pieces.lengths[i]!)].map((at) => alphabet[at]!).join(''),
      pieces.scores[i]!,
    ]),
  );
}

/** Every substring that occurs twice or more, and is followed by different things, or has the greatest length. */
function slowly(words: ReadonlyMap<string, number>, longest: number): Map<string, number> {
  const found = new Map<string, { count: number; next: Set<string> }>();
  for (const [word, count] of words) {
    for (let start = 0; start < word.length; start++) {
      for (let end = start + 1; end <= Math.min(word.length, start + longest); end++) {
        const entry = found.get(word.slice(start, end)) ?? { count: 0, next: new Set() };
        entry.count += count;
        entry.next.add(word[end] ?? 'end');
        found.set(word.slice(start, end), entry);
      }
    }
  }
  const seeds = new Map(alphabet.map((character) => [character, found.get(character)?.count ?? 0]));
  for (const [piece, { count, next }] of found) {
    if (piece.length === 1 || count < 2) continue;
    if (piece.length === longest || next.size > 1 || next.has('end')) seeds.set(piece, count * piece.length);
  }
  return seeds;
}

describe('seedPieces', () => {
  test('finds the substrings that a slow count finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 4 })),
          {
            maxLength: 12,
          },
        ),
        fc.integer({ min: 2, max: 8 }),
        async (entries, longest) => {
          const words = new Map(entries);
          const sorted = (seeds: Map<string, number>) => [...seeds].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(sorted(await seedsOf(words, longest))).toEqual(sorted(slowly(words, longest)));
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  });

  test('keeps the best when there are too many', async () => {
    const words = new Map([
      ['abc', 10],
      ['abb', 9],
      ['cc', 2],
    ]);
    const all = await seedsOf(words, 16);
    const few = await seedsOf(words, 16, 2);
    const best = [...all].filter(([piece]) => piece.length > 1).sort(([, a], [, b]) => b - a);
    expect([...few.keys()].filter((piece) => piece.length > 1).sort()).toEqual(
      best
        .slice(0, 2)
        .map(([piece]) => piece)
        .sort(),
    );
    expect(few.size).toBe(5);
  });
});
