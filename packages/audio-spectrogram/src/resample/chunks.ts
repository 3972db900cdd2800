import { rowLengthOf } from './bank.js';
import type { Filter } from './filter.js';
import { sampleAt } from './ratio.js';

/** Writes the samples from number `from` on to `target`, with what stands for those before the first and after the last. */
export type Source = (from: number, target: Float32Array) => void;

/** Makes `count` outputs from number `first` on, into `out` from `at` on. True where a sample was beyond ±1.5 or not a number, if that was looked for. */
export type Convolve = (source: Source, first: number, count: number, out: Float32Array, at: number) => boolean;

/** Outputs that are made of samples that fit into a buffer. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
  /** The first sample. */
  readonly from: number;
  /** How many, a multiple of 4. */
  readonly samples: number;
}

/** As many outputs from `first` on, before `last`, as `capacity` samples are enough for; they end with a period where one ends. */
export function chunkFrom(filter: Filter, first: number, last: number, capacity: number, maxOutputs: number): Chunk {
  const { step, phases, before } = filter;
  const row = rowLengthOf(filter);
  const fitting = 1 + Math.floor(((capacity - row - 8) * phases) / step);
  let end = first + Math.max(1, Math.min(fitting, maxOutputs, last - first));
  // The kernel takes eight periods at once, or else whole ones.
  const ends = end === last ? [] : [8 * phases, phases].map((unit) => end - (end % unit));
  end = ends.find((cut) => cut > first) ?? end;
  const count = end - first;
  const from = sampleAt(filter, first) - before;
  const samples = Math.ceil((sampleAt(filter, end - 1) - before + row - from) / 4) * 4;
  return { first, count, from, samples };
}

/** A rectangle of outputs: phases of one period, or whole periods. */
export type Sum = (phase: number, lastPhase: number, blocks: number, firstBlock: number, at: number) => void;

/** Cuts outputs `first` … `first + count - 1` into rectangles; `at` counts from the first. */
export function rectangles({ phases }: Filter, first: number, count: number, sum: Sum): void {
  for (let n = first; n < first + count; ) {
    const phase = n % phases;
    const left = first + count - n;
    const whole = phase === 0 ? Math.floor(left / phases) : 0;
    const lastPhase = whole > 0 ? phases : Math.min(phases, phase + left);
    const blocks = Math.max(1, whole);
    sum(phase, lastPhase, blocks, (n - phase) / phases, n - first);
    n += blocks * (lastPhase - phase);
  }
}
