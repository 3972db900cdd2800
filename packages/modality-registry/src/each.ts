import { throwIfAborted } from './errors.js';
import type { CallOptions } from './options.js';

/** How long to compute before letting the event loop turn, so that an abort can be heard and a page stays alive. */
const TURN_MILLISECONDS = 25;

/**
 * What a verb does with a batch: `work` on each input in turn, with progress told after each, an abort heard before each and at the end, and a
 * turn of the event loop whenever 25 ms have passed.
 *
 * @throws the signal's reason when it has been aborted, and whatever `work` throws
 */
export async function eachInput<T, R>(
  inputs: readonly T[],
  { signal, onProgress }: CallOptions = {},
  stage: string,
  work: (input: T) => R | Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let turn = performance.now();
  for (const input of inputs) {
    throwIfAborted(signal);
    results.push(await work(input));
    onProgress?.({ done: results.length, total: inputs.length, stage });
    if (performance.now() - turn > TURN_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve));
      turn = performance.now();
    }
  }
  throwIfAborted(signal);
  return results;
}
