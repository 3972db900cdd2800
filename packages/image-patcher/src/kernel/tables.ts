import type { Coefficients } from '../coefficients.js';

/** How many taps a step of the kernel takes, along x, by channels. */
const tapsPerStep = [0, 8, 4, 2, 2] as const;

/** Bytes of one tap: its weight as two halves of 16 bits. */
const TAP_BYTES = 4;
const HEAD_BYTES = 8;

/** The bytes that {@link writeAcross} writes at most. */
export function acrossBytes({ size, stride }: Coefficients, channels: number): number {
  return size * (HEAD_BYTES + (stride + tapsPerStep[channels]! - 1) * TAP_BYTES);
}

/** The bytes that {@link writeDown} writes at most. */
export function downBytes({ stride }: Coefficients): number {
  return (stride + 1) * TAP_BYTES;
}

/** Writes the weights along x from address 0 on, where the kernel reads them: for each output its first byte, its steps, its weights by step. */
export function writeAcross(buffer: ArrayBuffer, { starts, counts, weights, stride, size }: Coefficients, channels: number): void {
  const taps = tapsPerStep[channels]!;
  const words = new Int32Array(buffer);
  const halves = new Int16Array(buffer);
  const from = starts[0]!;
  let o = 0;
  for (let x = 0; x < size; x++) {
    const steps = Math.ceil(counts[x]! / taps);
    words[o] = (starts[x]! - from) * channels;
    words[o + 1] = steps;
    o += 2;
    writeSteps(halves, o * 2, weights, x * stride, counts[x]!, taps);
    o += steps * taps;
  }
}

/** Writes the weights of one output along y, two taps a step, at a multiple of 4; the number of steps. */
export function writeDown(halves: Int16Array, at: number, { counts, weights, stride }: Coefficients, y: number): number {
  writeSteps(halves, at / 2, weights, y * stride, counts[y]!, 2);
  return Math.ceil(counts[y]! / 2);
}

/** For each step the low halves of its weights, then the high ones: weight = high × 65536 + low, both signed. */
function writeSteps(halves: Int16Array, at: number, weights: Int32Array, first: number, count: number, taps: number): void {
  let o = at;
  for (let k = 0; k < count; k += taps) {
    for (let t = 0; t < taps; t++, o++) {
      const weight = k + t < count ? weights[first + k + t]! : 0;
      halves[o] = weight;
      halves[o + taps] = (weight + 0x8000) >> 16;
    }
    o += taps;
  }
}
