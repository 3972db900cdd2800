import type { Filter } from './filter.js';
import { sampleAt } from './ratio.js';

/** The weights of every phase of a filter, in rows whose length is a multiple of 4, filled up with zeros. */
export interface Bank {
  readonly rowLength: number;
  /** The sample at or before each phase's time. [phases] */
  readonly starts: Int32Array;
  /** [phases, rowLength] */
  readonly weights: Float32Array;
}

/** 32 MiB of weights; beyond, those of an output are computed for each. */
const MAX_WEIGHTS = 2 ** 23;

/** Taps filled up to whole vectors of the kernel. */
export function rowLengthOf({ taps }: Filter): number {
  return Math.ceil(taps / 4) * 4;
}

/** Whether the weights of all phases are few enough to keep. */
export function fitsBank(filter: Filter): boolean {
  return filter.phases * rowLengthOf(filter) <= MAX_WEIGHTS;
}

/** Undefined where there are too many weights to keep, as of rates without a large common divisor. */
export function bankOf(filter: Filter): Bank | undefined {
  const { phases } = filter;
  const rowLength = rowLengthOf(filter);
  if (!fitsBank(filter)) return undefined;
  const starts = Int32Array.from({ length: phases }, (_, phase) => sampleAt(filter, phase));
  const weights = new Float32Array(phases * rowLength);
  for (let phase = 0; phase < phases; phase++) filter.weigh(phase, weights, phase * rowLength);
  return { rowLength, starts, weights };
}
