import type { TensorLike } from '@polymodal/modality-registry';
import { ImageError, shown } from './errors.js';

/** Puts tensors of one shape below one another: n × dims → [n, ...dims]; none become [0, ...empty]. @throws ImageError `IMAGE_BATCH` where shapes differ. */
export function stack(tensors: readonly TensorLike<'float32'>[], empty: readonly number[]): TensorLike<'float32'> {
  for (const [i, { dims }] of tensors.entries()) checkSameDims(i, dims, tensors[0]!.dims);
  return stackPadded(tensors, empty);
}

/** {@link stack} for tensors that differ in their first axis: the shorter ones are followed by zeros. */
export function stackPadded(tensors: readonly TensorLike<'float32'>[], empty: readonly number[]): TensorLike<'float32'> {
  const [, ...rest] = tensors[0]?.dims ?? empty;
  const longest = tensors.reduce((most, { dims }) => Math.max(most, dims[0]!), tensors.length > 0 ? 0 : empty[0]!);
  const size = rest.reduce((product, dim) => product * dim, longest);
  const data = new Float32Array(tensors.length * size);
  for (const [i, tensor] of tensors.entries()) data.set(tensor.data, i * size);
  return { type: 'float32', dims: [tensors.length, longest, ...rest], data };
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
