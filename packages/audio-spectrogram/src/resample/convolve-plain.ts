import { type Bank, rowLengthOf } from './bank.js';
import { type Convolve, chunkFrom, rectangles } from './chunks.js';
import type { Filter } from './filter.js';
import { sampleAt } from './ratio.js';

const { fround } = Math;

/** Samples of a chunk. */
const CHUNK = 2 ** 15;

/** The sums in TypeScript; the weights of each output are computed where there is no bank of them. */
export function convolvePlain(filter: Filter, bank: Bank | undefined): Convolve {
  const rowLength = rowLengthOf(filter);
  const weights = bank?.weights ?? new Float32Array(rowLength);
  const samples = new Float32Array(CHUNK + 2 * rowLength);
  return (source, first, count, out, at) => {
    for (let n = first; n < first + count; ) {
      const chunk = chunkFrom(filter, n, first + count, samples.length, CHUNK);
      source(chunk.from, samples.subarray(0, chunk.samples));
      const offset = at + n - first;
      rectangles(filter, n, chunk.count, (phase, lastPhase, blocks, firstBlock, to) => {
        for (let block = 0, o = offset + to; block < blocks; block++) {
          const x = (firstBlock + block) * filter.step - filter.before - chunk.from;
          for (let p = phase; p < lastPhase; p++, o++) {
            if (!bank) filter.weigh(p, weights, 0);
            const start = x + (bank ? bank.starts[p]! : sampleAt(filter, p));
            out[o] = sumOf(weights, bank ? p * rowLength : 0, rowLength, samples, start);
          }
        }
      });
      n += chunk.count;
    }
    return false;
  };
}

/** Four sums, as the lanes of a vector have them, each step rounded to float32. */
function sumOf(weights: Float32Array, row: number, length: number, samples: Float32Array, start: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = row, i = start; k < row + length; k += 4, i += 4) {
    s0 = fround(s0 + fround(weights[k]! * samples[i]!));
    s1 = fround(s1 + fround(weights[k + 1]! * samples[i + 1]!));
    s2 = fround(s2 + fround(weights[k + 2]! * samples[i + 2]!));
    s3 = fround(s3 + fround(weights[k + 3]! * samples[i + 3]!));
  }
  return fround(fround(s0 + s2) + fround(s1 + s3));
}
