import { describe, expect, test } from '@jest/globals';
import { median, pair, time } from './pair.js';

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

  test('reports medians without the warm-up, and ours divided by the peer', async () => {
    const ours = [1000, 2, 4, 3];
    const peer = [1000, 6, 5, 700];
    const next = (times: number[]) => async () => times.shift()!;
    expect(await pair(next(ours), next(peer), { pairs: 3, warmup: 1 })).toEqual({ oursMs: 3, peerMs: 6, ratio: 0.5 });
  });

  test('a missing peer leaves its time and the ratio null', async () => {
    expect(await pair(async () => 2, undefined, { pairs: 3, warmup: 1 })).toEqual({ oursMs: 2, peerMs: null, ratio: null });
  });
});

test('time measures what it awaits', async () => {
  expect(await time(() => new Promise((resolve) => setTimeout(resolve, 20)))).toBeGreaterThanOrEqual(19);
});
