import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { TrainingError } from './errors.js';
import type { Weights } from './module.js';
import type { Batch, BatchShape, TrainingState } from './training-step.js';

const shown = (dims: readonly number[]) => `[${dims.join(', ')}]`;
const sameDims = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((dim, axis) => dim === b[axis]);
const fits = ({ dims, data }: TensorLike, expected: readonly number[]) =>
  sameDims(dims, expected) && data.length === elementCount(expected);

type Shapes = Iterable<readonly [name: string, { readonly dims: readonly number[] }]>;

export function checkStartValues(parameters: Shapes, weights: Weights): void {
  for (const [name, { dims }] of parameters) {
    const value = weights.get(name);
    if (value !== undefined && fits(value, dims)) continue;
    throw new TrainingError({
      code: 'TRAIN_WEIGHTS',
      message:
        value === undefined
          ? `parameter '${name}' has no start value.`
          : `parameter '${name}' starts as ${shown(value.dims)}, but the model expects ${shown(dims)}.`,
      fix: 'Pass initialize(model, seed), or a checkpoint of this model.',
    });
  }
}

export function checkBounds(bounds: Readonly<Record<string, unknown>>, parameters: ReadonlyMap<string, unknown>): void {
  for (const name of Object.keys(bounds))
    if (!parameters.has(name))
      throw new TrainingError({
        code: 'TRAIN_BOUNDS',
        message: `'bounds' names '${name}', which is no parameter of the model.`,
        fix: 'Use a name that namedParameters(model) gives.',
      });
}

export function checkState(shapes: Iterable<readonly [name: string, dims: readonly number[]]>, state: TrainingState): void {
  for (const [name, dims] of shapes) {
    const value = state.get(name);
    if (value === undefined || !fits(value, dims))
      throw new TrainingError({
        code: 'TRAIN_CHECKPOINT',
        message: `the checkpoint has no '${name}' of shape ${shown(dims)}.`,
        fix: 'Resume with the model and optimiser that wrote it, or start in an empty folder.',
      });
  }
}

/** `step` counts from 0, as `run` does; messages count from 1, as events do. */
export function checkBatch(batch: Batch, expected: BatchShape, step: number): void {
  const refuse = (message: string) =>
    new TrainingError({
      code: 'TRAIN_BATCH',
      message,
      fix: 'Feed tensors of the same names, types and shapes in every step: pad the last batch, or leave it out.',
    });
  for (const [name, { type, dims }] of Object.entries(expected)) {
    const given = batch[name];
    if (given === undefined) throw refuse(`'${name}' is missing from the batch of step ${step + 1}.`);
    if (given.type !== type || !sameDims(given.dims, dims))
      throw refuse(
        `'${name}' is ${given.type} ${shown(given.dims)} in step ${step + 1}, but the graph was compiled for ${type} ${shown(dims)}.`,
      );
    if (given.data.length !== elementCount(dims))
      throw refuse(`'${name}' has ${given.data.length} elements in step ${step + 1}, but ${shown(dims)} needs ${elementCount(dims)}.`);
  }
  for (const name of Object.keys(batch))
    if (expected[name] === undefined)
      throw refuse(
        `'${name}' is in the batch of step ${step + 1}, but not among those that the graph was compiled for (${Object.keys(expected).join(', ')}).`,
      );
}
