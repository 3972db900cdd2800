import { FROM_ROOT_HALF, logConstants, ROOT_HALF_BITS, SMALLEST_NORMAL } from '../engine/logarithm.js';
import type { Recipe } from '../engine/recipe.js';
import { ROOT_HALF, ROOT5, SIN3, SIN5, SIN10 } from '../fft/passes.js';
import { halfRoots } from '../fft/real-plan.js';
import { planStages, radicesOf } from '../fft/stages.js';

/** A recipe as the kernel reads it, and where in its memory things stand, in bytes. */
export interface KernelPlan {
  /** The first bytes of the memory: constants and tables. */
  readonly image: Uint8Array;
  readonly bins: number;
  /** Work and results end, and blocks of samples may begin here. */
  readonly end: number;
}

/** Tables of longer transforms leave too little of the kernel's memory. */
const MAX_LENGTH = 2 ** 14;

/** Constants of the kernel by their address / 8, which kernel/frames.ts names. */
const CONSTANTS = [
  ...[ROOT_HALF, SIN5, SIN10, ROOT5, 0.25, SIN3, 0.5, 1, Infinity, -Infinity, SMALLEST_NORMAL, 2 ** 54],
  // Bits of an integer stand here, and behind the last.
  0,
  ...[2 ** 52, 2 ** 52 + 1023, 2 ** 52 + 1023 + 54],
];
/** Upper halves of integers by their address / 8. */
const INTEGERS = { 12: FROM_ROOT_HALF, 16: 0x000fffff, 17: ROOT_HALF_BITS } as const;
const LOG_OF_2 = 18;
const FLOOR = 28;
const PLAN = 232;
const PLAN_FIELDS = 12;

/** Lays out what the kernel needs; undefined for lengths that it has no passes for: odd ones, halves with a prime factor above 5, long ones. */
export function planKernel({ fftLength, window, power, filters, log }: Recipe): KernelPlan | undefined {
  const half = fftLength / 2;
  const radices = fftLength % 2 === 0 && fftLength <= MAX_LENGTH ? radicesOf(half) : undefined;
  if (!radices) return undefined;
  const { stages, twiddles } = planStages(radices);
  const roots = halfRoots(fftLength);
  const weightCount = filters ? filters.lengths.subarray(0, filters.count).reduce((sum, length) => sum + length, 0) : 0;

  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end = Math.ceil((at + bytes) / 64) * 64;
    return at;
  };
  place(PLAN + 4 * PLAN_FIELDS);
  const stagesAt = place(16 * (stages.length + 1));
  const windowAt = place(8 * fftLength);
  const rootsAt = place(8 * roots.length);
  const twiddlesAt = place(8 * twiddles.length);
  const filtersAt = filters ? place(8 * filters.count) : 0;
  const weightsAt = place(8 * weightCount);
  const image = new Uint8Array(end);
  const workA = place(32 * (half + 1));
  const workB = place(32 * (half + 1));
  const values = place(16 * (half + 1));
  const bins = filters ? filters.count : half + 1;

  const floats = new Float64Array(image.buffer);
  const words = new Int32Array(image.buffer);
  floats.set(CONSTANTS);
  for (const [at, bits] of Object.entries(INTEGERS)) words[2 * Number(at) + 1] = bits;
  words[32] = -1; // The lower half of the mantissa's mask.
  if (log) {
    const { two, series } = logConstants(log.base);
    floats[LOG_OF_2] = two;
    floats.set(series, LOG_OF_2 + 1);
    floats[FLOOR] = log.floor;
  }
  const how = log ? (log.how === 'max' ? 1 : 2) : 0;
  words.set([half, windowAt, rootsAt, stagesAt, workA, workB, values, power === 1 ? 1 : 0, bins, filtersAt, weightsAt, how], PLAN / 4);
  stages.forEach(({ radix, m, s, at }, i) => {
    words.set([radix, m, 32 * s, twiddlesAt + 8 * at], stagesAt / 4 + 4 * i);
  });
  // The kernel's sums of two spectra need their halves, exactly.
  window.forEach((factor, i) => {
    floats[windowAt / 8 + i] = 0.5 * factor;
  });
  floats.set(roots, rootsAt / 8);
  floats.set(twiddles, twiddlesAt / 8);
  if (filters) {
    for (let f = 0; f < bins; f++) {
      const first = values + 16 * filters.starts[f]!;
      words[filtersAt / 4 + 2 * f] = first;
      words[filtersAt / 4 + 2 * f + 1] = first + 16 * filters.lengths[f]!;
    }
    floats.set(filters.weights.subarray(0, weightCount), weightsAt / 8);
  }
  return { image, bins, end };
}
