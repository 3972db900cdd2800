import type { TensorLike } from '@polymodal/modality-registry';

// Held here, since a global costs far more to look up in the test runner.
const { imul } = Math;

export const tensor = (dims: readonly number[], data: ArrayLike<number>): TensorLike<'float32'> => ({
  type: 'float32',
  dims,
  data: Float32Array.from(data),
});

/** Values in [-2, 2), as the script that asked PyTorch made them. */
export function noiseTensor(dims: readonly number[], seed: number): TensorLike<'float32'> {
  let state = seed;
  const next = () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 22 - 2;
  };
  return tensor(dims, Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, next));
}
