import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialize } from '@polymodal/nn';
import { alternate, median, ratioOf } from './pair.js';
import { findPython, startPython } from './python-peer.js';
import type { BenchRow } from './row.js';
import { fastestTorch, type TorchHello, type TorchStep, threads, torchName, writeTensors } from './torch.js';
import { w3Data, w3Model, w3Size } from './w3.js';

const model = `the ${w3Size.blocks}-layer transformer of train/w3`;
const [steps, pairs] = [30, 7];
const [comparedSteps, tolerance] = [10, 1e-4];
const megabytes = (bytes: number) => bytes / 1e6;

interface Fresh {
  readonly imported: number;
  readonly peak: number;
  readonly resident: readonly number[];
  readonly losses: readonly number[];
}

/** Trains in a process of its own. */
function fresh(what: 'steps' | 'compilations', count: number): Fresh {
  const script = fileURLToPath(new URL('./memory-w3-fresh.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, what, `${count}`], { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`memory/w3: ${stderr}`);
  return JSON.parse(stdout) as Fresh;
}

interface TorchMemory {
  readonly resident: number;
  readonly peak: number;
}

/** PyTorch's side: a new process at the settings that were the fastest. */
async function torchSide(python: string, folder: string) {
  const { ids, targets } = w3Data();
  const weights = initialize(w3Model(), 1);
  const path = join(folder, 'weights.bin');
  const load = { weights: path, parameters: await writeTensors(path, weights), ...w3Size, ids, targets };
  const loads = [false, true].map((foreach) => ({ ...load, foreach }));
  const settings = await fastestTorch(python, 'train_w3.py', loads);
  const losses: number[] = [];
  const imported: number[] = [];
  let name = '';
  const run = async () => {
    const torch = await startPython<TorchHello>(python, 'train_w3.py', settings.environment);
    try {
      name = torchName(torch.hello);
      imported.push((await torch.ask<TorchMemory>({ op: 'memory' })).resident);
      await torch.ask({ op: 'load', ...settings.load });
      losses.length = 0;
      for (let i = 0; i < steps; i++) losses.push((await torch.ask<TorchStep>({ op: 'step' })).loss!);
      return (await torch.ask<TorchMemory>({ op: 'memory' })).peak;
    } finally {
      torch.close();
    }
  };
  return { run, losses, imported, name: () => name };
}

/** What is resident at most while W3 trains, ours beside PyTorch, each time both in new processes. */
const peak: BenchRow = {
  name: 'memory/w3',
  work: `most resident memory of a new process that trains ${model} for ${steps} steps, ${threads} threads`,
  async measure() {
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
    try {
      const python = findPython();
      const torch = python === undefined ? undefined : await torchSide(python, folder);
      const ours: Fresh[] = [];
      const once = async () => {
        ours.push(fresh('steps', steps));
        return ours.at(-1)!.peak;
      };
      const runs = await alternate(once, torch?.run, { pairs, warmup: 0 });
      const oursMB = megabytes(median(runs.ours));
      const own = `of ours ${megabytes(median(ours.map(({ imported }) => imported))).toFixed(0)} MB are Node with everything imported`;
      if (torch === undefined)
        return { oursMB, peerMB: null, ...ratioOf(runs), peer: null, note: `no Python with torch on this machine; ${own}` };
      const apart = Math.max(...torch.losses.slice(0, comparedSteps).map((loss, i) => Math.abs(loss - ours.at(-1)!.losses[i]!)));
      if (!(apart <= tolerance)) throw new Error(`memory/w3: losses differ by ${apart} in the first ${comparedSteps} steps`);
      return {
        oursMB,
        peerMB: megabytes(median(runs.peer)),
        ...ratioOf(runs),
        peer: torch.name(),
        note: `${own}, of the peer's ${megabytes(median(torch.imported)).toFixed(0)} MB Python with PyTorch; medians of ${pairs} processes each; losses of the first ${comparedSteps} steps agree to ${apart.toExponential(1)}`,
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** How much more is resident in the last quarter than in the first. */
function growthRow(name: string, work: string, what: 'steps' | 'compilations', warmup: number, count: number): BenchRow {
  return {
    name,
    work: `growth of resident memory from the first to the last quarter of ${work}, ${threads} threads`,
    async measure() {
      const resident = fresh(what, warmup + count)
        .resident.slice(warmup)
        .map(megabytes);
      const quarters = [0, 1, 2, 3].map((i) => median(resident.slice((i * count) / 4, ((i + 1) * count) / 4)));
      return {
        oursMB: quarters[3]! - quarters[0]!,
        peerMB: null,
        ratio: null,
        interval: null,
        peer: null,
        note: `medians of the quarters ${quarters.map((value) => value.toFixed(1)).join(', ')} MB, at most ${Math.max(...resident).toFixed(1)} MB, after ${warmup} that fill caches and pools`,
      };
    },
  };
}

export const memoryW3: readonly BenchRow[] = [
  peak,
  growthRow('memory/w3-steps', `2,000 steps of ${model}`, 'steps', 200, 2000),
  growthRow(
    'memory/w3-compilations',
    `200 compilations of the training step of ${model}, each run once and released`,
    'compilations',
    10,
    200,
  ),
];
