import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { TrainingError } from './errors.js';
import type { Weights } from './module.js';
import type { Batch, BatchExpr, BatchShape, TrainingState } from './training-step.js';

export const shown = (dims: readonly number[]) => `[${dims.join(', ')}]`;
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

/** Names that the trainer reports itself. */
export function checkReported(metrics: readonly string[]): void {
  const taken = metrics.find((name) => name === 'loss' || name === 'gradientNorm');
  if (taken !== undefined)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `a metric is named '${taken}', which the trainer reports itself.`,
      fix: 'Give the metric another name.',
    });
}

/** What an encoder gives: one row for each row of its batch, so that those of parts can be joined. */
export function checkEmbeddings(embeddings: BatchExpr, batch: BatchExpr): BatchExpr {
  const rows = new Set(Object.values(batch).flatMap(({ dims }) => dims.slice(0, 1)));
  const refuse = (message: string, fix: string) => new TrainingError({ code: 'TRAIN_OPTIONS', message, fix });
  if (Object.keys(embeddings).length === 0) throw refuse("'encode' gives nothing.", 'Give embeddings by name, such as { images, texts }.');
  for (const [name, { type, dims }] of Object.entries(embeddings)) {
    if (batch[name] !== undefined) throw refuse(`'encode' gives '${name}', which the batch has.`, 'Give the embeddings another name.');
    if (type !== 'float32' || !rows.has(dims[0]!))
      throw refuse(
        `'encode' gives '${name}' as ${type} [${dims.join(', ')}], for ${[...rows].join(' or ')} rows.`,
        'Give float32 tensors with one row for each row of the batch.',
      );
  }
  return embeddings;
}

/** The shape of one of `parts` equal parts along the first axis; what has no axes goes to every part. */
export function splitShape(shape: BatchShape, parts: number): BatchShape {
  if (!Number.isSafeInteger(parts) || parts < 1)
    throw new TrainingError({ code: 'TRAIN_OPTIONS', message: `'microBatches' is ${parts}.`, fix: 'Pass an integer of at least 1.' });
  return Object.fromEntries(
    Object.entries(shape).map(([name, { type, dims }]) => {
      const [rows, ...rest] = dims;
      if (rows === undefined) return [name, { type, dims }];
      if (rows % parts !== 0)
        throw new TrainingError({
          code: 'TRAIN_OPTIONS',
          message: `'${name}' is ${shown(dims)}, which does not divide into ${parts} micro-batches of equal size.`,
          fix: "Pass a batch whose first axis is a multiple of 'microBatches'.",
        });
      return [name, { type, dims: [rows / parts, ...rest] }];
    }),
  );
}

/** Part `part` of `parts` of a batch that {@link splitShape} takes. Copies: a view would take its whole buffer along to a worker. */
export function splitBatch(batch: Batch, part: number, parts: number): Batch {
  if (parts === 1) return batch;
  return Object.fromEntries(
    Object.entries(batch).map(([name, tensor]) => {
      const [rows, ...rest] = tensor.dims;
      if (rows === undefined) return [name, tensor];
      const count = tensor.data.length / parts;
      return [name, { ...tensor, dims: [rows / parts, ...rest], data: tensor.data.slice(part * count, (part + 1) * count) } as TensorLike];
    }),
  );
}
