import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

// Threads do not inherit the hooks of the main one.
register('../source-loader.mjs', import.meta.url);
const { targets } = await import('./targets.mjs');

/** Runs some inputs of one target; tells of each before it begins, of each fault, and what became of them all. */

const slowMs = 2000;
const maximumBytes = 512 * 2 ** 20;

const { name, seed, end, shared } = workerData;
const { input, read } = targets.find((target) => target.name === name);
// [the run that is under way, accepted, refused, the slowest in microseconds]
const state = new Int32Array(shared);

function used() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The milliseconds that reading took, by the clock or by the processor, whichever is less: a busy machine makes anything slow. */
async function timed(file, run) {
  const start = performance.now();
  const before = process.cpuUsage();
  const outcome = await read(file, run);
  const { user, system } = process.cpuUsage(before);
  return { outcome, ms: Math.min(performance.now() - start, (user + system) / 1000) };
}

for (let run = Atomics.load(state, 0); run < end; run++) {
  Atomics.store(state, 0, run);
  const file = input(seed, run);
  const before = used();
  try {
    let { outcome, ms } = await timed(file, run);
    // A collection of garbage may fall into it, once.
    if (ms > slowMs) ms = Math.min(ms, (await timed(file, run)).ms);
    if (ms > slowMs) throw new Error(`took ${ms.toFixed(0)} ms`);
    const grown = used() - before;
    if (grown > maximumBytes) throw new Error(`took ${(grown / 2 ** 20).toFixed(0)} MiB`);
    Atomics.add(state, outcome === 'accepted' ? 1 : 2, 1);
    state[3] = Math.max(state[3], ms * 1000);
  } catch (error) {
    parentPort.postMessage({ run, fault: error instanceof Error ? error.stack : `threw ${String(error)}` });
  }
}
Atomics.store(state, 0, end);
