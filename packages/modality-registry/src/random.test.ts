import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRandom, philox, portableCosTurn, portableLog, type Random } from './random.js';

function block(counter: readonly number[], key: readonly number[]): number[] {
  const out = new Uint32Array(4);
  philox(Uint32Array.from(counter), Uint32Array.from(key), out);
  return [...out];
}

const draw = (count: number, next: () => number): Float64Array => Float64Array.from({ length: count }, next);
const average = (values: Float64Array, f: (value: number) => number = (value) => value): number =>
  values.reduce((total, value) => total + f(value), 0) / values.length;

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [average(a), average(b)];
  const product = average(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return product / Math.sqrt(average(a, (value) => (value - meanA) ** 2) * average(b, (value) => (value - meanB) ** 2));
}

describe('Philox4x32-10 gives the known answers of Random123', () => {
  // kat_vectors of the Random123 distribution (D. E. Shaw Research).
  test.each([
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    ['ones', [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      'digits of pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('%s', (_, counter, key, expected) => {
    expect(block(counter, key)).toEqual(expected);
  });

  test('a generator counts up through the blocks', () => {
    const random = createRandom(0);
    const words = Array.from({ length: 8 }, () => random.uint32());
    expect(words).toEqual([...block([0, 0, 0, 0], [0, 0]), ...block([1, 0, 0, 0], [0, 0])]);
  });

  test('both halves of a seed above 2^32 count', () => {
    expect(createRandom(2 ** 32).uint32()).toBe(block([0, 0, 0, 0], [0, 1])[0]);
  });
});

describe('logarithm and cosine from the four exact operations', () => {
  test('portableLog is within 2 units in the last place of Math.log', () => {
    const bits = new Float64Array(1);
    const whole = new BigUint64Array(bits.buffer);
    const ulp = (value: number) => {
      bits[0] = Math.abs(value);
      whole[0]!++;
      return bits[0]! - Math.abs(value);
    };
    const near = (x: number) => Math.abs(portableLog(x) - Math.log(x)) <= 2 * ulp(Math.log(x));
    const random = createRandom(5);
    for (let i = 0; i < 20_000; i++) expect(near(1 - random.uniform()) && near(random.uniform() * 2 ** random.integer(900) + 1)).toBe(true);
    for (const x of [1, 2, 0.5, Math.SQRT2, 1 - 2 ** -53, 1 + 2 ** -52, 2 ** -54, 5e-324, 2 ** -1040, Number.MAX_VALUE])
      expect({ x, near: near(x) }).toEqual({ x, near: true });
    expect(portableLog(1)).toBe(0);
  });

  test('portableCosTurn agrees with Math.cos up to the rounding of 2π·turn, and exact at the quarters', () => {
    let largest = 0;
    for (let i = 0; i <= 20_000; i++)
      largest = Math.max(largest, Math.abs(portableCosTurn(i / 20_000) - Math.cos((2 * Math.PI * i) / 20_000)));
    expect(largest).toBeLessThan(1.5e-15);
    expect([0, 0.25, 0.5, 0.75].map((turn) => portableCosTurn(turn) + 0)).toEqual([1, 0, -1, 0]);
  });
});

describe('distributions', () => {
  const count = 100_000;

  test('uniform: in [0, 1), mean 1/2, variance 1/12', () => {
    const random = createRandom(1);
    const values = draw(count, () => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(Math.abs(average(values) - 0.5)).toBeLessThan(0.004);
    expect(Math.abs(average(values, (value) => (value - 0.5) ** 2) - 1 / 12)).toBeLessThan(0.001);
  });

  test('normal: moments 0, 1, 0, 3', () => {
    const random = createRandom(2);
    const values = draw(count, () => random.normal());
    expect(Math.abs(average(values))).toBeLessThan(0.015);
    expect(Math.abs(average(values, (value) => value ** 2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(average(values, (value) => value ** 3))).toBeLessThan(0.05);
    expect(Math.abs(average(values, (value) => value ** 4) - 3)).toBeLessThan(0.15);
  });

  test("gumbel: mean is Euler's constant, variance π²/6", () => {
    const random = createRandom(3);
    const values = draw(count, () => random.gumbel());
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(average(values) - 0.5772156649)).toBeLessThan(0.02);
    expect(Math.abs(average(values, (value) => (value - 0.5772156649) ** 2) - Math.PI ** 2 / 6)).toBeLessThan(0.06);
  });

  test('integer: every value below the bound about equally often', () => {
    const random = createRandom(4);
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]!++;
    expect(counts.every((n) => Math.abs(n - 10_000) < 400)).toBe(true);
  });

  test('shuffle: a permutation, in place, each item at each place about equally often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.array(fc.integer()), (seed, items) => {
        const shuffled = [...items];
        expect(createRandom(seed).shuffle(shuffled)).toBe(shuffled);
        expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
      { seed: 1 },
    );
    const random = createRandom(6);
    const first = new Float64Array(4);
    for (let i = 0; i < 20_000; i++) first[random.shuffle([0, 1, 2, 3])[0]!]!++;
    expect(first.every((n) => Math.abs(n - 5_000) < 300)).toBe(true);
  });
});

describe('streams', () => {
  const words = (random: Random) => Array.from({ length: 6 }, () => random.uint32());

  test('the same seed gives the same numbers, another seed others', () => {
    expect(words(createRandom(42))).toEqual(words(createRandom(42)));
    expect(words(createRandom(42))).not.toEqual(words(createRandom(43)));
  });

  test('a fork depends on its key and its parent, not on how much the parent has given', () => {
    const parent = createRandom(9);
    const before = words(parent.fork('weights'));
    parent.normal();
    expect(words(parent.fork('weights'))).toEqual(before);
    expect(words(parent.fork('data'))).not.toEqual(before);
    expect(words(parent.fork(1))).not.toEqual(words(parent.fork(2)));
    expect(words(createRandom(10).fork('weights'))).not.toEqual(before);
    expect(words(parent.fork('weights').fork('weights'))).not.toEqual(before);
  });

  test('taking a fork leaves the parent where it was', () => {
    const [one, two] = [createRandom(9), createRandom(9)];
    one.fork('weights').uniform();
    expect(words(one)).toEqual(words(two));
  });

  test('streams do not correlate', () => {
    const parent = createRandom(12);
    const streams = [parent, parent.fork('a'), parent.fork('b'), parent.fork(0), parent.fork(1), createRandom(13)].map((random) =>
      draw(20_000, () => random.uniform()),
    );
    streams.forEach((a, i) => {
      for (const b of streams.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(0.03);
    });
  });
});
