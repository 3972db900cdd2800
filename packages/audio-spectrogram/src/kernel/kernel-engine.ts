import type { FrameEngine, Recipe } from '../engine/recipe.js';
import type { Kernel } from './instance.js';
import { type KernelPlan, planKernel } from './plan.js';

/** Frames of a block: enough that copies of rows are few, and few enough that a block stays in the processor's cache. */
const BLOCK_FRAMES = 256;

/** Whose plan stands in a kernel's memory. */
const holders = new WeakMap<Kernel, KernelPlan>();

/**
 * The recipe in the kernel: blocks of samples go in, rows of values come out. Undefined where the kernel cannot: a length with other factors
 * than 2, 3, 4 and 5, or more than its memory holds.
 */
export function kernelEngine(kernel: Kernel, recipe: Recipe): FrameEngine | undefined {
  const plan = planKernel(recipe);
  if (!plan) return undefined;
  const { fftLength, hop } = recipe;
  const { image, bins, end } = plan;
  const { buffer } = kernel.memory;
  // A frame takes `hop` samples of 8 bytes and `bins` values of 4; the first takes a whole length.
  const room = buffer.byteLength - end - 8 * Math.max(0, fftLength - hop);
  const capacity = Math.min(BLOCK_FRAMES, 2 * Math.floor(room / (16 * hop + 8 * bins)));
  if (capacity < 2) return undefined;
  const memory = new Uint8Array(buffer);
  const floats = new Float64Array(buffer);
  const values = new Float32Array(buffer);
  const resultsAt = end + 8 * ((capacity - 1) * hop + fftLength);
  return {
    bins,
    run(samples, start, frames, out, outOffset, outStride) {
      if (holders.get(kernel) !== plan) {
        memory.set(image);
        holders.set(kernel, plan);
      }
      for (let done = 0; done < frames; done += capacity) {
        const count = Math.min(capacity, frames - done);
        const first = start + done * hop;
        floats.set(samples.subarray(first, first + (count - 1) * hop + fftLength), end / 8);
        kernel.run(end, 8 * hop, count, resultsAt, 4 * count);
        for (let b = 0, from = resultsAt / 4, to = outOffset + done; b < bins; b++, from += count, to += outStride) {
          // A call to copy a few takes longer than they do.
          if (count < 16) for (let i = 0; i < count; i++) out[to + i] = values[from + i]!;
          else out.set(values.subarray(from, from + count), to);
        }
      }
    },
  };
}
