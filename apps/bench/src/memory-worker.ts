import { parentPort, workerData } from 'node:worker_threads';
import { readRange } from './read-range.js';

// The second thread of `memoryReader`: reads the upper half each time that `control[0]` goes up, and then sets `control[1]` to it.
const { values, control, sum } = workerData as { values: Float64Array; control: Int32Array; sum: Float64Array };
const middle = values.length / 2;
parentPort!.postMessage('ready');
for (let seen = 0; ; ) {
  Atomics.wait(control, 0, seen);
  seen = Atomics.load(control, 0);
  sum[0] = readRange(values, middle, values.length);
  Atomics.store(control, 1, seen);
  Atomics.notify(control, 1);
}
