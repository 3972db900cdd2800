import { GenerationError } from './errors.js';

/** What a compiled model does passes through it, so that none of it meets a runtime that has been released. */
export interface Gate {
  /** Throws `GENERATION_STATE` once the gate is closed. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Ends when all that has passed is done. */
  close(): Promise<void>;
}

export function openGate(): Gate {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async pass(work) {
      if (closed) throw new GenerationError({ code: 'GENERATION_STATE', message: 'the model was disposed of.', fix: 'Compile it again.' });
      const result = work();
      underWay.add(result);
      try {
        return await result;
      } finally {
        underWay.delete(result);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}
