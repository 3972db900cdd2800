import type { Image, TensorLike } from '@polymodal/modality-registry';

const { imul } = Math;

/** Frames of noise from a linear congruential generator, the same everywhere. */
export function noise(count: number, width: number, height: number, channels = 3, seed = 1): Image[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    const data = new Uint8Array(width * height * channels);
    for (let i = 0; i < data.length; i++) {
      state = (imul(state, 1664525) + 1013904223) >>> 0;
      data[i] = state >>> 24;
    }
    return { data, width, height, channels };
  });
}

/** A tensor of 0, 1, 2, … */
export function ramp(...dims: number[]): TensorLike<'float32'> {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return { type: 'float32', dims, data: Float32Array.from({ length }, (_, i) => i) };
}
