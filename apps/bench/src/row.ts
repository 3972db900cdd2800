import type { PairResult, Ratio } from './pair.js';

/** Memory that is compared instead of time. */
export interface MemoryResult extends Ratio {
  /** Median of ours, megabytes (10⁶ bytes). */
  readonly oursMB: number;
  readonly peerMB: number | null;
}

type Measured = (PairResult | MemoryResult) & {
  /** The peer by its whole name and version, or null where there is none on this machine. */
  readonly peer: string | null;
  readonly note: string;
};

/** One line of the result. */
export type BenchResult = Measured & {
  readonly name: string;
  /** What is done once, in words. */
  readonly work: string;
};

/** A comparison that can be run: `measure` prepares both sides, runs them alternately and clears up. */
export interface BenchRow {
  readonly name: string;
  readonly work: string;
  measure(): Promise<Measured>;
}
