import type { Ratio } from './ratio.js';

/** The weights that each output is summed with. They repeat: outputs a whole number of `phases` apart have the same ones. */
export interface Filter extends Ratio {
  /** The first sample of an output's sum stands this many before the one at or just before the output's time. */
  readonly before: number;
  /** Samples in a sum. */
  readonly taps: number;
  /** Writes the weights of a phase to `row[at]` … `row[at + taps - 1]`. */
  weigh(phase: number, row: Float32Array, at: number): void;
}

/** The taps of a filter that reaches this many samples to both sides of an output. */
export function tapsWithin(reach: number): { before: number; taps: number } {
  const before = Math.floor(reach);
  return { before, taps: 2 * before + 2 };
}
