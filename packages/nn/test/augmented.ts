import type { Random } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import type { Dataset } from '../src/index.js';

/** Examples that take their time, draw random numbers, and hold numbers of two types. */
export const augmented: Dataset<{ readonly x: TensorLike; readonly y: TensorLike }> = {
  length: 23,
  async get(index: number, random: Random) {
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
    return {
      x: { type: 'float32', dims: [3], data: Float32Array.from({ length: 3 }, () => index + random.normal()) },
      y: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(index)) },
    };
  },
};
