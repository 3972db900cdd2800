import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import { median, medianInterval, pair, time } from './pair.js';

describe('median', () => {
  test('is the middle of an odd count and the mean of the middle two of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test('leaves its input as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('pair', () => {
  test('alternates the sides, and who goes first', async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    await pair(side('ours'), side('peer'), { pairs: 4, warmup: 0 });
    expect(order).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer', 'peer', 'ours']);
  });

  test('reports medians without the warm-up, and the median of the ratios of the pairs', async () => {
    const ours = [1000, 2, 4, 3];
    const peer = [1000, 6, 5, 700];
    const next = (times: number[]) => async () => times.shift()!;
    expect(await pair(next(ours), next(peer), { pairs: 3, warmup: 1 })).toEqual({ oursMs: 3, peerMs: 6, ratio: 2 / 6, interval: null });
  });

  test('what slows both runs of a pair does not widen the interval', async () => {
    const load = Array.from({ length: 8 }, (_, i) => 1 + i);
    let [i, j] = [0, 0];
    const result = await pair(
      async () => load[i++]!,
      async () => 4 * load[j++]!,
      { pairs: 8, warmup: 0 },
    );
    expect(result).toEqual({ oursMs: 4.5, peerMs: 18, ratio: 0.25, interval: [0.25, 0.25] });
  });

  test('a missing peer leaves its time and the ratio null', async () => {
    expect(await pair(async () => 2, undefined, { pairs: 8, warmup: 1 })).toEqual({ oursMs: 2, peerMs: null, ratio: null, interval: null });
  });
});

describe('medianInterval', () => {
  const upTo = (length: number) => Array.from({ length }, (_, i) => length - i);

  // The ranks of the sign test's tables at 5 %, two-sided.
  test.each([
    [6, 1],
    [9, 2],
    [15, 4],
    [20, 6],
    [30, 10],
    [40, 14],
    [60, 22],
    [100, 40],
  ])('of %i values goes from the %i-th smallest to the as manieth largest', (length, rank) => {
    expect(medianInterval(upTo(length))).toEqual([rank, length + 1 - rank]);
  });

  test('of fewer than six values there is none', () => {
    expect([0, 1, 2, 5].map((length) => medianInterval(upTo(length)))).toEqual([null, null, null, null]);
  });

  test('holds the median of a skewed distribution at least 95 times in 100', () => {
    const random = createRandom(5);
    const trials = 4000;
    let held = 0;
    for (let i = 0; i < trials; i++) {
      const [low, high] = medianInterval(Array.from({ length: 30 }, () => Math.exp(2 * random.normal())))!; // of median 1
      if (low <= 1 && 1 <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.945); // 0.957 in theory; the standard error is 0.003
    expect(held / trials).toBeLessThan(0.97);
  });
});

test('time measures what it awaits', async () => {
  expect(await time(() => new Promise((resolve) => setTimeout(resolve, 20)))).toBeGreaterThanOrEqual(19);
});
