import type { TensorLike } from '@polymodal/modality-registry';
import { ImageError, shown } from './errors.js';

/** Puts tensors of one shape below one another: n × dims → [n, ...dims]; none become [0, ...empty]. @throws ImageError `IMAGE_BATCH` where shapes differ. */
export function stack(tensors: readonly TensorLike<'float32'>[], empty: readonly number[]): TensorLike<'float32'> {
  const dims = tensors[0]?.dims ?? empty;
  const size = tensors[0]?.data.length ?? 0;
  const data = new Float32Array(tensors.length * size);
  for (const [i, tensor] of tensors.entries()) {
    checkSameDims(i, tensor.dims, dims);
    data.set(tensor.data, i * size);
  }
  return { type: 'float32', dims: [tensors.length, ...dims], data };
}

/** @throws ImageError `IMAGE_BATCH` unless `images` is a list. */
export function checkBatch(images: unknown): void {
  if (Array.isArray(images)) return;
  throw new ImageError({ code: 'IMAGE_BATCH', message: `the batch is ${shown(images)}, but an array of pictures was expected.` });
}

/** Fails where picture `index` of a batch comes out of another shape than the first. @throws ImageError `IMAGE_BATCH`. */
export function checkSameDims(index: number, dims: readonly number[], expected: readonly number[]): void {
  if (dims.length === expected.length && dims.every((dim, i) => dim === expected[i])) return;
  throw new ImageError({
    code: 'IMAGE_BATCH',
    message: `picture ${index} of the batch becomes [${dims.join(', ')}], but the first became [${expected.join(', ')}].`,
    fix: 'Use a configuration that crops or resizes to one size, or process pictures of different sizes one by one.',
  });
}
