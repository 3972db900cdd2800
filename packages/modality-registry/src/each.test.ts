import { expect, test } from '@jest/globals';
import { eachInput } from './each.js';
import type { Progress } from './options.js';

test('works in order, with what is awaited too, and tells progress', async () => {
  const heard: Progress[] = [];
  const results = await eachInput([3, 1, 2], { onProgress: (progress) => heard.push(progress) }, 'doubling', async (x) => 2 * x);
  expect(results).toEqual([6, 2, 4]);
  expect(heard).toEqual([1, 2, 3].map((done) => ({ done, total: 3, stage: 'doubling' })));
  expect(await eachInput([], undefined, 'nothing', () => 1)).toEqual([]);
});

test('an abort between two inputs stops the work', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let done = 0;
  const run = eachInput([1, 2, 3], { signal: controller.signal }, 'counting', () => {
    if (++done === 2) controller.abort(reason);
  });
  await expect(run).rejects.toBe(reason);
  expect(done).toBe(2);
});

test('lets the event loop turn while it computes', async () => {
  let turned = false;
  setTimeout(() => {
    turned = true;
  });
  const seen = await eachInput([1, 2, 3, 4], undefined, 'busy', () => {
    const until = performance.now() + 20;
    while (performance.now() < until);
    return turned;
  });
  expect(seen.at(-1)).toBe(true);
});

test('what work throws rejects', async () => {
  const thrown = eachInput([1], undefined, 'failing', () => {
    throw new RangeError('no');
  });
  await expect(thrown).rejects.toThrow(RangeError);
});
