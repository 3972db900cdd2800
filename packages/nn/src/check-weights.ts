import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, listed, quoted } from './checkpoint-error.js';

const shown = (dims: readonly number[]) => `[${dims.join(', ')}]`;

/** The first NaN or infinity of a tensor; −1 where there is none. */
export function firstNotFinite({ type, data }: TensorLike): number {
  if (type === 'float32' || type === 'float64') {
    const values = data as Float32Array | Float64Array;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  } else if (type === 'float16') {
    const halves = data as Uint16Array;
    for (let i = 0; i < halves.length; i++) if ((halves[i]! & 0x7c00) === 0x7c00) return i;
  }
  return -1;
}

function checkNames(tensors: ReadonlyMap<string, TensorLike>, expected: ReadonlyMap<string, readonly number[]>): void {
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_MISSING',
      message: `The weights lack ${listed(missing)}${unexpected.length > 0 ? `, and hold ${listed(unexpected)}, which the model has not` : ''}.`,
      fix: 'Load the weights of this architecture, and rename them where they follow another naming.',
    });
  if (unexpected.length > 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_UNEXPECTED',
      message: `The weights hold ${listed(unexpected)}, which the model has not.`,
      fix: "Check the model's configuration (layers, heads), or leave these tensors out.",
    });
}

/**
 * Checks weights against what a model expects, name to dims: none missing, none left over, every shape right, every number finite. Throws
 * {@link CheckpointError} that names the tensor and what is wrong with it.
 */
export function checkWeights(tensors: ReadonlyMap<string, TensorLike>, expected: ReadonlyMap<string, readonly number[]>): void {
  checkNames(tensors, expected);
  for (const [name, dims] of expected) {
    const tensor = tensors.get(name)!;
    const same = tensor.dims.length === dims.length && dims.every((dim, axis) => dim === tensor.dims[axis]);
    if (!same || tensor.data.length !== elementCount(dims))
      throw new CheckpointError({
        code: 'CHECKPOINT_SHAPE',
        message: `${quoted(name)} has dims ${shown(tensor.dims)} and ${tensor.data.length} elements, but the model expects ${shown(dims)}.`,
        fix: "Check the model's configuration (widths, vocabulary, patch size) against the weights.",
      });
    const index = firstNotFinite(tensor);
    if (index >= 0)
      throw new CheckpointError({
        code: 'CHECKPOINT_NOT_FINITE',
        message: `${quoted(name)} has a NaN or an infinity at index ${index} (of ${tensor.data.length}).`,
        fix: 'The training run diverged or float16 overflowed; go back to an earlier checkpoint.',
      });
  }
}
