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

export interface MisshapenTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly elements: number;
  readonly expected: readonly number[];
}

export interface WeightsReport {
  /** What the model has and the weights have not. */
  readonly missing: readonly string[];
  /** What the weights have and the model has not. */
  readonly unexpected: readonly string[];
  readonly misshapen: readonly MisshapenTensor[];
}

/** Compares weights with what a model expects, name to dims. */
export function compareWeights(tensors: ReadonlyMap<string, TensorLike>, expected: ReadonlyMap<string, readonly number[]>): WeightsReport {
  const misshapen: MisshapenTensor[] = [];
  for (const [name, dims] of expected) {
    const tensor = tensors.get(name);
    if (tensor === undefined) continue;
    const same = tensor.dims.length === dims.length && dims.every((dim, axis) => dim === tensor.dims[axis]);
    if (!same || tensor.data.length !== elementCount(dims))
      misshapen.push({ name, dims: tensor.dims, elements: tensor.data.length, expected: dims });
  }
  return {
    missing: [...expected.keys()].filter((name) => !tensors.has(name)),
    unexpected: [...tensors.keys()].filter((name) => !expected.has(name)),
    misshapen,
  };
}

const mostShown = 5;

function describeShapes(misshapen: readonly MisshapenTensor[]): string {
  const lines = misshapen
    .slice(0, mostShown)
    .map(
      ({ name, dims, elements, expected }) =>
        `${quoted(name)} has dims ${shown(dims)} and ${elements} elements, but the model expects ${shown(expected)}`,
    );
  const rest = misshapen.length > mostShown ? `; ${misshapen.length - mostShown} more do not fit` : '';
  return `${lines.join('; ')}${rest}.`;
}

/** Throws one {@link CheckpointError} that says all that is amiss: its code is that of the first kind of fault. */
export function refuseReport({ missing, unexpected, misshapen }: WeightsReport): void {
  const sentences: string[] = [];
  if (missing.length > 0)
    sentences.push(
      `The weights lack ${listed(missing)}${unexpected.length > 0 ? `, and hold ${listed(unexpected)}, which the model has not` : ''}.`,
    );
  else if (unexpected.length > 0) sentences.push(`The weights hold ${listed(unexpected)}, which the model has not.`);
  if (misshapen.length > 0) sentences.push(describeShapes(misshapen));
  if (sentences.length === 0) return;
  const [code, fix] =
    missing.length > 0
      ? ['CHECKPOINT_MISSING', 'Load the weights of this architecture, and rename them where they follow another naming.']
      : unexpected.length > 0
        ? ['CHECKPOINT_UNEXPECTED', "Check the model's configuration (layers, heads, tied embeddings), or leave these tensors out."]
        : ['CHECKPOINT_SHAPE', "Check the model's configuration (widths, vocabulary, patch size) against the weights."];
  throw new CheckpointError({ code: code!, message: sentences.join(' '), fix: fix! });
}

/** Throws {@link CheckpointError} `CHECKPOINT_NOT_FINITE` for a tensor with a NaN or an infinity. */
export function refuseNotFinite(name: string, tensor: TensorLike): void {
  const index = firstNotFinite(tensor);
  if (index >= 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_NOT_FINITE',
      message: `${quoted(name)} has a NaN or an infinity at index ${index} (of ${tensor.data.length}).`,
      fix: 'The training run diverged or float16 overflowed; go back to an earlier checkpoint.',
    });
}

/**
 * Checks weights against what a model expects, name to dims: none missing, none left over, every shape right, every number finite. Throws
 * one {@link CheckpointError} that names all tensors that are missing, unexpected or mis-shaped.
 */
export function checkWeights(tensors: ReadonlyMap<string, TensorLike>, expected: ReadonlyMap<string, readonly number[]>): void {
  refuseReport(compareWeights(tensors, expected));
  for (const name of expected.keys()) refuseNotFinite(name, tensors.get(name)!);
}
