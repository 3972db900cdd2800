import { Worker } from 'node:worker_threads';
import { readRange } from './read-range.js';

/** Two threads that read the same memory from one end to the other, half each. */
export interface MemoryReader {
  readonly bytes: number;
  /** Reads every byte once; the sum of what was read. */
  read(): number;
  /** What `read` has to give. */
  readonly expected: number;
  close(): Promise<void>;
}

/** A reader of at least `bytes` bytes: this thread and a worker. Reading blocks this thread. */
export async function memoryReader(bytes: number): Promise<MemoryReader> {
  const count = Math.ceil(bytes / 128) * 16; // Each half in steps of eight values.
  const values = new Float64Array(new SharedArrayBuffer(count * 8));
  let expected = 0;
  for (let i = 0; i < count; i++) expected += values[i] = i % 7;
  const control = new Int32Array(new SharedArrayBuffer(8));
  const sum = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./memory-worker.js', import.meta.url), { workerData: { values, control, sum } });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  let turn = 0;
  return {
    bytes: count * 8,
    expected,
    read() {
      turn++;
      Atomics.store(control, 0, turn);
      Atomics.notify(control, 0);
      const lower = readRange(values, 0, count / 2);
      while (Atomics.load(control, 1) !== turn)
        if (Atomics.wait(control, 1, turn - 1, 30_000) === 'timed-out') throw new Error('the thread that reads memory does not answer');
      return lower + sum[0]!;
    },
    async close() {
      await worker.terminate();
    },
  };
}
