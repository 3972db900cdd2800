import type { Bank } from './bank.js';
import { type Convolve, chunkFrom, rectangles } from './chunks.js';
import type { Filter } from './filter.js';
import type { LoadedKernel } from './kernel.js';

/** Samples of a chunk and room for its outputs; both stay in a processor's second cache. */
const SAMPLES = 2 ** 15;
const OUTPUTS = 2 ** 15;

/** Beyond this, samples are looked at one by one. */
const LOUD = 1.5;

/** The sums in the kernel, which are {@link convolvePlain}'s to the bit; undefined where its memory does not hold the bank. */
export function convolveSimd(filter: Filter, bank: Bank, loaded: LoadedKernel): Convolve | undefined {
  const { kernel } = loaded;
  const { buffer } = kernel.memory;
  const { step, phases, before } = filter;
  const { rowLength, starts, weights } = bank;
  const startsAt = 4 * weights.length;
  const input = startsAt + 16 * Math.ceil(phases / 4);
  const output = input + 4 * SAMPLES;
  if (output + 4 * OUTPUTS > buffer.byteLength || 2 * rowLength > SAMPLES) return undefined;
  const floats = new Float32Array(buffer);
  return (source, first, count, out, at) => {
    if (loaded.bank !== bank) {
      floats.set(weights);
      new Int32Array(buffer, startsAt, phases).set(starts.map((start) => 4 * start));
      loaded.bank = bank;
    }
    let loud = false;
    for (let n = first; n < first + count; ) {
      const chunk = chunkFrom(filter, n, first + count, SAMPLES, OUTPUTS);
      source(chunk.from, floats.subarray(input / 4, input / 4 + chunk.samples));
      loud ||= kernel.beyond(input, chunk.samples, LOUD) !== 0;
      rectangles(filter, n, chunk.count, (phase, lastPhase, blocks, firstBlock, to) => {
        // May be before the memory's begin; the start of the phase brings it back.
        const from = input + 4 * (firstBlock * step - before - chunk.from);
        kernel.filter(startsAt, 0, 4 * rowLength, phase, lastPhase, blocks, from, 4 * step, output + 4 * to, 4 * phases);
      });
      out.set(floats.subarray(output / 4, output / 4 + chunk.count), at + n - first);
      n += chunk.count;
    }
    return loud;
  };
}
