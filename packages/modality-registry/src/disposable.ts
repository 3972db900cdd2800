import type { Disposable } from './options.js';

/**
 * Makes both ways of disposal out of one release function, which runs at most once however often either is called.
 *
 * @example const part = { kind: 'embedder', …, ...disposable(() => session.release()) };
 */
export function disposable(release: () => Promise<void> | void): Disposable {
  let released: Promise<void> | undefined;
  const dispose = (): Promise<void> => {
    released ??= (async () => release())();
    return released;
  };
  return { dispose, [Symbol.asyncDispose]: dispose };
}
