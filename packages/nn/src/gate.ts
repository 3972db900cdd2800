/** What works on tensors that others replace passes through it: one thing after the other, and none once it is closed. */
export interface Gate {
  /** Throws the error of the gate once it is closed. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Ends when all that has passed is done. */
  close(): Promise<void>;
}

export function openGate(closedError: () => Error): Gate {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    async pass(work) {
      if (closed) throw closedError();
      const result = last.then(work);
      // What was read is not held on to.
      const over = () => {};
      last = result.then(over, over);
      return result;
    },
    async close() {
      closed = true;
      await last;
    },
  };
}
