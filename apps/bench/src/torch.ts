import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Weights } from '@polymodal/nn';
import { median } from './pair.js';
import { findPython, type PythonPeer, startPython } from './python-peer.js';

/** Of both sides. */
export const threads = 2;

export interface TorchHello {
  readonly version: string;
  readonly builder: string;
  readonly blas: string;
  readonly threads: number;
}

export interface TorchStep {
  readonly loss: number | null;
  readonly ms: number;
}

/** PyTorch with a model loaded, at the settings that were fastest here. */
export interface TorchPeer extends PythonPeer<TorchHello> {
  /** Version, builder, BLAS and threads. */
  readonly name: string;
  /** How many thread settings were tried. */
  readonly settings: number;
  /** What a note has to add where this PyTorch lacks a fast BLAS; empty otherwise. */
  readonly unfair: string;
}

/** Thread settings to give PyTorch. OpenBLAS built for pthreads is fastest alone; convolutions and other builds want OpenMP's threads. */
const threadSettings = [
  { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: String(threads) },
  { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: '1' },
  { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
];

/** How a script of PyTorch was fastest. */
interface TorchSettings {
  readonly environment: Record<string, string>;
  readonly load: object;
}

/** The thread setting and the load request (one per form of the same work) with which a script takes the least time here. */
export async function fastestTorch(python: string, script: string, loads: readonly object[]): Promise<TorchSettings> {
  const trials: (TorchSettings & { readonly ms: number })[] = [];
  for (const environment of threadSettings) {
    for (const load of loads) {
      const trial = await startPython<TorchHello>(python, script, environment);
      await trial.ask({ op: 'load', ...load });
      const times: number[] = [];
      for (let i = 0; i < 7; i++) times.push((await trial.ask<TorchStep>({ op: 'step' })).ms);
      trial.close();
      trials.push({ ms: median(times.slice(2)), environment, load });
    }
  }
  return trials.reduce((a, b) => (b.ms < a.ms ? b : a));
}

/** Version, builder, BLAS and threads. */
export function torchName({ version, builder, blas, threads: torchThreads }: TorchHello): string {
  return `PyTorch ${version} (${builder}, ${blas}), ${Math.max(torchThreads, blas === 'OpenBLAS' ? threads : 0)} threads`;
}

/** Starts a script of PyTorch as it is fastest. */
async function bestTorch(python: string, script: string, loads: readonly object[]): Promise<TorchPeer> {
  const { environment, load } = await fastestTorch(python, script, loads);
  const peer = await startPython<TorchHello>(python, script, environment);
  await peer.ask({ op: 'load', ...load });
  return {
    ...peer,
    name: torchName(peer.hello),
    settings: threadSettings.length,
    unfair:
      peer.hello.blas === 'reference BLAS'
        ? '; this PyTorch lacks a fast BLAS, so the comparison is unfair to it (Debian: libopenblas0-pthread)'
        : '',
  };
}

/** Writes tensors one after another as float32; their names and shapes, for the load request. */
export async function writeTensors(path: string, tensors: Weights): Promise<[name: string, dims: readonly number[]][]> {
  await writeFile(path, Buffer.concat([...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))));
  return [...tensors].map(([name, { dims }]) => [name, dims]);
}

/**
 * Does `use` beside a script of PyTorch that was given these tensors, in the fastest of several forms of the load request; without a peer
 * where no Python has torch.
 */
export async function besideTorch<T>(
  script: string,
  tensors: Weights,
  forms: readonly object[],
  use: (torch: TorchPeer | undefined) => Promise<T>,
): Promise<T> {
  const python = findPython();
  if (python === undefined) return use(undefined);
  const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
  try {
    const path = join(folder, 'tensors.bin');
    const load = { weights: path, parameters: await writeTensors(path, tensors) };
    const torch = await bestTorch(
      python,
      script,
      forms.map((form) => ({ ...load, ...form })),
    );
    try {
      return await use(torch);
    } finally {
      torch.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a row says where there is no peer. */
export const withoutTorch = { peer: null, note: 'no Python with torch on this machine' } as const;

/** What the last step of a peer gave, one tensor after another. */
export async function readResults(torch: TorchPeer): Promise<Float32Array> {
  const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
  const path = join(folder, 'results.bin');
  await torch.ask({ op: 'write', path });
  const bytes = await readFile(path);
  await rm(folder, { recursive: true });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The largest difference over the largest value; Infinity where the sizes differ or a value is not a number. */
export function relativeDifference(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [apart, largest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const difference = Math.abs(values[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    apart = Math.max(apart, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return largest === 0 ? apart : apart / largest;
}
