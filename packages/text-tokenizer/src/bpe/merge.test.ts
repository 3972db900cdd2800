import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeSymbols, never } from './merge.js';
import { PairTable } from './pair-table.js';

interface Merge {
  readonly left: number;
  readonly right: number;
  readonly merged: number;
}

/** The rule as simply as it can be written: the pair of lowest rank, leftmost first, until none merges. */
function mergeByHand(symbols: readonly number[], merges: readonly Merge[]): number[] {
  const word = [...symbols];
  for (;;) {
    let best = merges.length;
    let at = -1;
    for (let i = 0; i + 1 < word.length; i++) {
      const rank = merges.findLastIndex(({ left, right }) => left === word[i] && right === word[i + 1]);
      if (rank >= 0 && rank < best) {
        best = rank;
        at = i;
      }
    }
    if (at < 0) return word;
    word.splice(at, 2, merges[best]!.merged);
  }
}

/** Merges over the tokens 0 to 3; each makes a new token of any two before it, so that ranks may also fall as words grow. */
const merges = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 24 })
  .chain((pairs) => {
    const made = pairs.map(([left, right], i): Merge => ({ left: left % (4 + i), right: right % (4 + i), merged: 4 + i }));
    return fc.shuffledSubarray(made, { minLength: made.length });
  })
  // One token for each pair, as no two pairs have one spelling here.
  .map((all) => all.filter(({ left, right }, i) => all.findIndex((one) => one.left === left && one.right === right) === i));

function tableOf(all: readonly Merge[]): PairTable {
  const table = new PairTable(all.length);
  all.forEach(({ left, right, merged }, rank) => {
    expect(table.set(left, right, rank, merged)).toBe(true);
  });
  return table;
}

// Short words are scanned, long ones go through queues.
test.each([
  ['short', 0, 60],
  ['long', 161, 260],
])('%s words merge as by hand', (_, minLength, maxLength) => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength, maxLength }), merges, (word, all) => {
      const symbols = Int32Array.from(word);
      const length = mergeSymbols(symbols, symbols.length, tableOf(all));
      expect([...symbols.subarray(0, length)]).toEqual(mergeByHand(word, all));
    }),
    { numRuns: 400 },
  );
});

test('one symbol repeated merges from the left, at any length', () => {
  const all = [
    { left: 0, right: 0, merged: 4 },
    { left: 4, right: 4, merged: 5 },
    { left: 5, right: 4, merged: 6 },
  ];
  const table = tableOf(all);
  for (let length = 1; length < 400; length += 7) {
    const symbols = new Int32Array(length);
    const left = mergeSymbols(symbols, length, table);
    expect([...symbols.subarray(0, left)]).toEqual(mergeByHand(new Array(length).fill(0), all));
  }
});

test('a pair table knows only its own pairs, and the last merge of a pair', () => {
  const table = new PairTable(3);
  table.set(0, 0, 0, 7);
  table.set(5, 9, 1, 8);
  table.set(0, 0, 2, 9);
  expect([table.find(0, 0), table.find(5, 9), table.find(9, 5), table.find(0, 1)]).toEqual([2, 1, never, never]);
  expect(table.merged(table.find(0, 0))).toBe(9);
});
