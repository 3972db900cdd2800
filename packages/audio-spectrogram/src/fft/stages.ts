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

/** The radices whose product is `length`, or undefined where it has a prime factor above 5. */
export function radicesOf(length: number): number[] | undefined {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [5, 3]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  const twos = Math.log2(rest);
  if (!Number.isInteger(twos)) return undefined;
  // Few passes: 8s, and what is left over as 4s, or as a 2 where there is nothing to share.
  const eights = twos % 3 === 1 && twos > 1 ? Math.floor(twos / 3) - 1 : Math.floor(twos / 3);
  const left = twos - 3 * eights;
  const fours = left >> 1;
  return [...(left % 2 ? [2] : []), ...Array(fours).fill(4), ...radices, ...Array(eights).fill(8)];
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
    size += 2 * m * (radix - 1);
  }
  const twiddles = new Float64Array(size);
  for (const { radix, m, at } of stages) {
    for (let p = 0, t = at; p < m; p++) {
      for (let k = 1; k < radix; k++, t += 2) writeRoot(twiddles, t, -k * p, m * radix);
    }
  }
  return { stages, twiddles };
}
