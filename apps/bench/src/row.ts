import type { PairResult } from './pair.js';

/** One line of the result. */
export interface BenchResult extends PairResult {
  readonly name: string;
  /** What is done once, in words. */
  readonly work: string;
  /** The peer by its whole name and version, or null where there is none on this machine. */
  readonly peer: string | null;
  readonly note: string;
}

/** A comparison that can be run: `measure` prepares both sides, runs them alternately and clears up. */
export interface BenchRow {
  readonly name: string;
  readonly work: string;
  measure(): Promise<PairResult & { readonly peer: string | null; readonly note: string }>;
}
