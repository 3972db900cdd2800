import { GenerationError } from './errors.js';

/** What a compiled model does passes through it: one thing after the other, which browsers' runtimes need, and none in a runtime that was released. */
export interface Gate {
  /** Throws `GENERATION_STATE` once the gate is closed. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Ends when all that has passed is done. */
  close(): Promise<void>;
}

export function openGate(): Gate {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    async pass(work) {
      if (closed) throw new GenerationError({ code: 'GENERATION_STATE', message: 'the model was disposed of.', fix: 'Compile it again.' });
      const result = last.then(work);
      last = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await last;
    },
  };
}
