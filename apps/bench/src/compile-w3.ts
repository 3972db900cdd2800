import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, pair } from './pair.js';
import type { BenchRow } from './row.js';
import { threads } from './torch.js';
import { w3Size } from './w3.js';

interface Fresh {
  readonly ms: number;
  readonly firstRunMs: number;
  readonly loss: number;
}

/** Builds, compiles and runs once in a process of its own. */
function fresh(): Fresh {
  const script = fileURLToPath(new URL('./compile-w3-fresh.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`compile/w3: ${stderr}`);
  return JSON.parse(stdout) as Fresh;
}

export const compileW3: BenchRow = {
  name: 'compile/w3',
  work: `building the ${w3Size.blocks}-layer transformer of train/w3 and compiling its training step, in a new process, without imports and drawing of weights, ${threads} threads`,
  async measure() {
    const runs: Fresh[] = [];
    const once = async () => {
      const run = fresh();
      runs.push(run);
      return run.ms;
    };
    const result = await pair(once, undefined, { pairs: 15, warmup: 1 });
    const losses = runs.map(({ loss }) => loss);
    // Threads may add in another order; random guessing has the loss ln(vocabulary).
    const apart = Math.max(...losses) - Math.min(...losses);
    if (!(apart <= 1e-5 && Math.abs(losses[0]! - Math.log(w3Size.vocabulary)) < 0.5))
      throw new Error(`compile/w3: the losses of the first step are ${losses.join(', ')}`);
    const counted = runs.slice(1).map(({ ms }) => ms);
    return {
      ...result,
      peer: null,
      note: `no peer compiles a whole training step; ${Math.min(...counted).toFixed(0)} to ${Math.max(...counted).toFixed(0)} ms in ${counted.length} processes, and the first step takes ${median(runs.slice(1).map(({ firstRunMs }) => firstRunMs)).toFixed(0)} ms`,
    };
  },
};
