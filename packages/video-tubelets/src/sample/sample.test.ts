import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clips, offsetIndices, pickFrames, rateIndices, resampleFrames, sampleFrames, uniformIndices, windowIndices } from '../index.js';

const goldens = JSON.parse(readFileSync(new URL('../../test/goldens/sampling.json', import.meta.url), 'utf8'));
const hash = (indices: readonly number[]) => createHash('sha256').update(indices.join(' ')).digest('hex').slice(0, 16);

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Numbers one by one, with a count of how many were taken and whether the reader let go. */
function stream(length: number) {
  const state = { taken: 0, closed: false };
  async function* generate() {
    try {
      while (state.taken < length) yield state.taken++;
    } finally {
      state.closed = true;
    }
  }
  return Object.assign(generate(), { state });
}

const row = <T extends readonly (number | string)[]>(rows: unknown) => rows as readonly T[];

describe('against NumPy and torchvision', () => {
  test('uniform sampling', () => {
    for (const [total, count, ...expected] of row<[number, number, ...string[]]>(goldens.uniform)) {
      const found = (['ends', 'starts', 'middles'] as const).map((rule) => hash(uniformIndices(total, count, rule)));
      expect({ total, count, found }).toEqual({ total, count, found: expected });
    }
  });
  test('windows', () => {
    for (const [start, count, stride, expected] of row<[number, number, number, string]>(goldens.window)) {
      expect(hash(windowIndices(1000, { start, count, stride }))).toBe(expected);
    }
  });
  test('another rate, of lists and of streams', async () => {
    for (const [total, from, to, expected] of row<[number, number, number, string]>(goldens.rate)) {
      expect({ total, from, to, found: hash(rateIndices(total, { from, to })) }).toEqual({ total, from, to, found: expected });
      if (total < 100) expect(hash(await all(resampleFrames(stream(total), { from, to })))).toBe(expected);
    }
  });
  test('clips', async () => {
    for (const [total, length, stride, step, expected] of row<[number, number, number, number, string]>(goldens.clips)) {
      expect(hash((await all(clips(stream(total), { length, stride, step }))).flat())).toBe(expected);
    }
  });
});

test('a stream at another rate has the frames that rateIndices names', async () => {
  const rate = fc.constantFrom(24, 25, 30, 30000 / 1001, 24000 / 1001, 60, 12.5, 10, 7, 1);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), rate, rate, async (total, from, to) => {
      expect(await all(resampleFrames(stream(total), { from, to }))).toEqual(rateIndices(total, { from, to }));
    }),
    { seed: 4, numRuns: 200 },
  );
});

test('uniform indices begin at the first frame, end at the last and do not decrease', () => {
  expect(uniformIndices(10, 4)).toEqual([0, 3, 6, 9]);
  expect(uniformIndices(10, 4, 'starts')).toEqual([0, 2, 5, 7]);
  expect(uniformIndices(10, 4, 'middles')).toEqual([1, 3, 6, 8]);
  expect(uniformIndices(2, 5)).toEqual([0, 0, 0, 0, 1]);
  expect(offsetIndices(10, 1, [-2, -1, 0, 2, 20])).toEqual([0, 0, 1, 3, 9]);
});

describe('a stream', () => {
  test('is read up to the last frame that is asked for, and let go', async () => {
    const source = stream(1e9);
    expect(await all(pickFrames(source, [2, 2, 5]))).toEqual([2, 2, 5]);
    expect(source.state).toEqual({ taken: 6, closed: true });
    const sampled = stream(100);
    expect(await sampleFrames(sampled, 3, { total: 100 })).toEqual([0, 49, 99]);
    const cut = stream(1e9);
    for await (const clip of clips(cut, { length: 2, stride: 3 })) {
      expect(clip).toEqual([0, 3]);
      break;
    }
    expect(cut.state).toEqual({ taken: 4, closed: true });
  });

  test.each([
    ['pickFrames', (frames: AsyncIterable<object>) => pickFrames(frames, [0, 10, 1999])],
    ['resampleFrames', (frames: AsyncIterable<object>) => resampleFrames(frames, { from: 25, to: 10 })],
    ['clips', (frames: AsyncIterable<object>) => clips(frames, { length: 4, stride: 2, step: 3 })],
  ])('%s holds a few frames of it, however long it is', async (_, read) => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    let held = 0;
    let most = 0;
    const registry = new FinalizationRegistry(() => held--);
    async function* frames() {
      for (let i = 0; i < 2000; i++) {
        const frame = { data: new Uint8Array(1000) };
        registry.register(frame, undefined);
        held++;
        yield frame;
        if (i % 100 !== 0) continue;
        collect();
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, held);
      }
    }
    for await (const item of read(frames())) expect(item).toBeDefined();
    expect(most).toBeLessThan(110 + 10);
  });
});

describe('bad input', () => {
  test.each<[string, () => unknown, string]>([
    ['a video of no frames', () => uniformIndices(0, 8), 'VIDEO_EMPTY'],
    ['NaN frames', () => uniformIndices(Number.NaN, 8), 'VIDEO_SAMPLING'],
    ['a count of 0', () => uniformIndices(8, 0), 'VIDEO_SAMPLING'],
    ['a count that would fill the memory', () => uniformIndices(8, 1e12), 'VIDEO_SAMPLING'],
    ['an unknown rule', () => uniformIndices(8, 8, 'centre' as 'ends'), 'VIDEO_SAMPLING'],
    ['a window past the end', () => windowIndices(31, { count: 16, stride: 2 }), 'VIDEO_TOO_SHORT'],
    ['a start before the first frame', () => windowIndices(31, { count: 16, start: -1 }), 'VIDEO_SAMPLING'],
    ['a rate of 0', () => rateIndices(10, { from: 25, to: 0 }), 'VIDEO_SAMPLING'],
    ['a rate of NaN', () => rateIndices(10, { from: Number.NaN, to: 5 }), 'VIDEO_SAMPLING'],
    ['a rate a million times as high', () => rateIndices(10, { from: 1, to: 1e6 }), 'VIDEO_SAMPLING'],
    ['a rate that would fill the memory', () => rateIndices(1e5, { from: 1, to: 999 }), 'VIDEO_SAMPLING'],
    ['a key past the end', () => offsetIndices(10, 10, [0]), 'VIDEO_SAMPLING'],
    ['offsets of half a frame', () => offsetIndices(10, 1, [0.5]), 'VIDEO_SAMPLING'],
    ['offsets that are no list', () => offsetIndices(10, 1, 3 as never), 'VIDEO_SAMPLING'],
    ['forgotten offsets', () => offsetIndices(3, 1, undefined as never), 'VIDEO_SAMPLING'],
    ['no offsets', () => offsetIndices(3, 1, []), 'VIDEO_SAMPLING'],
    ['a forgotten window', () => windowIndices(3, undefined as never), 'VIDEO_SAMPLING'],
    ['forgotten rates', () => rateIndices(3, undefined as never), 'VIDEO_SAMPLING'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
  test.each<[string, () => Promise<unknown>, string]>([
    ['a stream that ends before', () => all(pickFrames(stream(3), [0, 3])), 'VIDEO_TOO_SHORT'],
    ['indices that decrease', () => all(pickFrames(stream(3), [1, 0])), 'VIDEO_SAMPLING'],
    ['an index of -1', () => all(pickFrames(stream(3), [-1])), 'VIDEO_SAMPLING'],
    ['indices that are no list', () => all(pickFrames(stream(3), 3 as never)), 'VIDEO_SAMPLING'],
    ['a stream of unknown length', () => sampleFrames(stream(3), 2), 'VIDEO_SAMPLING'],
    ['a stream and null for options', () => sampleFrames(stream(3), 2, null as never), 'VIDEO_SAMPLING'],
    ['a string of frames', () => sampleFrames('frames', 2), 'VIDEO_FRAMES'],
    ['clips of half a frame', () => all(clips(stream(3), { length: 0.5 })), 'VIDEO_SAMPLING'],
    ['null', () => all(clips(null as never, { length: 1 })), 'VIDEO_FRAMES'],
  ])('%s is refused', async (_, call, code) => {
    await expect(call()).rejects.toThrow(expect.objectContaining({ code }));
  });
});
