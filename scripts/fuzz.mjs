#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { targets } from './fuzz/targets.mjs';

/**
 * `npm run fuzz`: every parser of outside files on made and damaged files. Each must return, or throw a typed error, within two seconds and
 * without half a gigabyte. What breaks that promise is written to a file, to be added to the parser's own tests.
 */

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
  },
});
const [count, seed, from] = [values.count, values.seed, values.from].map(Number);
const hangMs = 20_000;
const mostFaults = 20;

/** Runs a target's inputs in a worker, which is ended when it hangs or exhausts its memory, and begun again behind the input that did it. */
async function fuzz({ name, input }) {
  const state = new Int32Array(new SharedArrayBuffer(16));
  const end = from + count;
  state[0] = from;
  let faults = 0;
  const report = (run, fault) => {
    faults++;
    const path = `fuzz-${name.replace(/\W+/g, '-')}-${seed}-${run}.bin`;
    writeFileSync(path, input(seed, run));
    console.error(`${name}, run ${run}: ${fault}\n  written to ${path}: add it to the parser's tests`);
  };
  while (Atomics.load(state, 0) < end && faults < mostFaults) {
    const died = await new Promise((resolve) => {
      const worker = new Worker(new URL('./fuzz/worker.mjs', import.meta.url), {
        workerData: { name, seed, end, shared: state.buffer },
        resourceLimits: { maxOldGenerationSizeMb: 1024 },
      });
      let [last, since] = [-1, Date.now()];
      const watch = setInterval(() => {
        const now = Atomics.load(state, 0);
        if (now !== last) [last, since] = [now, Date.now()];
        else if (Date.now() - since > hangMs) {
          worker.terminate();
          resolve(`hangs: no end after ${hangMs / 1000} s`);
        }
        if (faults >= mostFaults) worker.terminate();
      }, 500);
      worker.on('message', ({ run, fault }) => report(run, fault));
      worker.on('error', (error) => resolve(error.stack));
      worker.on('exit', () => {
        clearInterval(watch);
        resolve(undefined);
      });
    });
    if (died !== undefined) report(Atomics.add(state, 0, 1), died);
  }
  const [, accepted, refused, slowest] = state;
  console.log(
    `${name}: ${count} runs, ${accepted} accepted, ${refused} refused, ${faults} faults, slowest ${(slowest / 1000).toFixed(1)} ms`,
  );
  return faults;
}

// As the bench's: a regular expression, so that several targets can be named.
const wanted = new RegExp(values.only);
const chosen = targets.filter(({ name }) => wanted.test(name));
if (chosen.length === 0) {
  console.error(`no target matches --only ${values.only}; there are ${targets.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
let faults = 0;
for (const target of chosen) faults += await fuzz(target);
process.exitCode = faults === 0 ? 0 : 1;
