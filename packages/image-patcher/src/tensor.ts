import type { TensorLike } from '@polymodal/modality-registry';
import { shown } from './errors.js';

interface Floats {
  /** None unless the tensor is float32, its dimensions are whole numbers from 0, and its data have as many values as they say. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** What was given, for a message. */
  readonly given: string;
}

/** Reads what should be a float32 tensor, whatever it is; by tag, since arrays of another realm are arrays too. */
export function floatsOf(tensor: TensorLike): Floats {
  const { type, dims, data } = tensor ?? ({} as Partial<TensorLike>);
  const whole = Array.isArray(dims) && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  const floats = type === 'float32' && Object.prototype.toString.call(data) === '[object Float32Array]';
  const fits = whole && floats && data!.length === dims.reduce((product, dim) => product * dim, 1);
  return {
    dims: fits ? dims : [],
    data: data as Float32Array,
    given: tensor ? `${shown(type)} ${shown(dims)} with ${shown(data?.length)} values` : shown(tensor),
  };
}
