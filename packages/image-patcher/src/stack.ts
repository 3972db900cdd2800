import type { TensorLike } from '@polymodal/modality-registry';
import { ImageError } from './errors.js';

/** Puts tensors of one shape below one another: n × dims → [n, ...dims]. @throws ImageError `IMAGE_BATCH` where there is none, or their shapes differ. */
export function stack(tensors: readonly TensorLike<'float32'>[]): TensorLike<'float32'> {
  const [first] = tensors;
  if (!first) throw new ImageError({ code: 'IMAGE_BATCH', message: 'the batch has no pictures, but at least one was expected.' });
  const size = first.data.length;
  const data = new Float32Array(tensors.length * size);
  for (const [i, tensor] of tensors.entries()) {
    checkSameDims(i, tensor.dims, first.dims);
    data.set(tensor.data, i * size);
  }
  return { type: 'float32', dims: [tensors.length, ...first.dims], data };
}

/** Fails where picture `index` of a batch comes out of another shape than the first. */
function checkSameDims(index: number, dims: readonly number[], expected: readonly number[]): void {
  if (dims.length === expected.length && dims.every((dim, i) => dim === expected[i])) return;
  throw new ImageError({
    code: 'IMAGE_BATCH',
    message: `picture ${index} of the batch becomes [${dims.join(', ')}], but the first became [${expected.join(', ')}].`,
    fix: 'Use a configuration that crops or resizes to one size, or process pictures of different sizes one by one.',
  });
}
