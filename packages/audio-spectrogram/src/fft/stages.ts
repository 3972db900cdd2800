import { writeRoot } from './roots.js';

/** One pass of an FFT: its radix, how many groups of twiddles and how many numbers side by side it has, and where its twiddles begin. */
export interface Stage {
  readonly radix: number;
  readonly m: number;
  readonly s: number;
  readonly at: number;
}

/** The passes of an FFT of `length` complex numbers, and their twiddles (re, im in turn): for each pass and p < m, w^p … w^((radix-1)p). */
export interface Stages {
  readonly stages: readonly Stage[];
  readonly twiddles: Float64Array;
}

/** The radices whose product is `length`, or undefined where it has a prime factor above 5; an 8 or a 2 comes last. */
export function radicesOf(length: number): number[] | undefined {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [5, 3]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  const last = Math.log2(rest) % 2 === 0 ? 1 : rest > 2 ? 8 : 2;
  for (rest /= last; rest % 4 === 0; rest /= 4) radices.push(4);
  if (rest !== 1) return undefined;
  return last > 1 ? [...radices, last] : radices;
}

/** Plans the passes of radices in their order. */
export function planStages(radices: readonly number[]): Stages {
  const length = radices.reduce((product, radix) => product * radix, 1);
  const stages: Stage[] = [];
  let size = 0;
  let m = length;
  for (const radix of radices) {
    const s = length / m;
    m /= radix;
    stages.push({ radix, m, s, at: size });
    // The twiddles of a last pass are all 1: radices 2 and 8, which stand nowhere else, read none.
    if (radix !== 2 && radix !== 8) size += 2 * m * (radix - 1);
  }
  const twiddles = new Float64Array(size);
  for (const { radix, m, at } of stages) {
    for (let p = 0, t = at; p < m && t < size; p++) {
      for (let k = 1; k < radix; k++, t += 2) writeRoot(twiddles, t, -k * p, m * radix);
    }
  }
  return { stages, twiddles };
}
