import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { waitBeyond, watchEventLoop } from './event-loop.js';

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('watchEventLoop', () => {
  test('a thread that is blocked shows for how long, less the millisecond between two samples', async () => {
    const stop = watchEventLoop();
    await sleep(20);
    for (let i = 0; i < 5; i++) {
      block(100);
      await sleep(2);
    }
    const { p99, max, randomMoment } = stop();
    for (const delay of [p99, max, randomMoment]) expect(delay).toBeGreaterThan(90);
    expect(p99).toBeLessThanOrEqual(max);
    expect(randomMoment).toBeLessThanOrEqual(max);
  });

  test('a loop that is free has next to no delay', async () => {
    const stop = watchEventLoop();
    await sleep(500);
    expect(stop().randomMoment).toBeLessThan(25); // Below 2 on a machine that does nothing else.
  });
});

describe('waitBeyond', () => {
  test('one interval is waited for from any of its moments', () => {
    expect(waitBeyond(0.01, [100])).toBeCloseTo(99, 6);
    expect(waitBeyond(0.5, [100])).toBeCloseTo(50, 6);
  });

  test('a long interval among many short ones counts as long as it lasts', () => {
    // Of 1,100 ms the last 11 of the long interval's 100 are a hundredth.
    expect(waitBeyond(0.01, [...new Array(1000).fill(1), 100])).toBeCloseTo(89, 6);
  });
});
