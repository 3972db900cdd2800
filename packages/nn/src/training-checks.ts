import type { Expr } from '@polymodal/autograd';
import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { TrainingError } from './errors.js';
import type { Weights } from './module.js';
import { checkCount } from './option-checks.js';
import { isInternalName } from './training-names.js';
import type { Batch, BatchExpr, BatchShape, TrainingState } from './training-step.js';

export const shown = (dims: readonly number[]) => `[${dims.join(', ')}]`;
const sameDims = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((dim, axis) => dim === b[axis]);
const fits = ({ dims, data }: TensorLike, expected: readonly number[]) =>
  sameDims(dims, expected) && data.length === elementCount(expected);

type Shapes = Iterable<readonly [name: string, { readonly dims: readonly number[] }]>;

export function checkStartValues(parameters: Shapes, weights: Weights): void {
  if (typeof Object(weights).get !== 'function')
    throw new TrainingError({
      code: 'TRAIN_WEIGHTS',
      message: `'weights' is ${weights === undefined ? 'missing' : 'no Map'}.`,
      fix: 'Pass a Map from names to tensors: that of initialize(), of loadWeights(), or the tensors that readCheckpoint() gives.',
    });
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

export function checkBounds(
  bounds: Readonly<Record<string, readonly [low: number, high: number]>>,
  parameters: ReadonlyMap<string, unknown>,
): void {
  for (const [name, [low, high]] of Object.entries(bounds)) {
    if (!(low <= high))
      throw new TrainingError({
        code: 'TRAIN_BOUNDS',
        message: `'bounds' of '${name}' are [${low}, ${high}].`,
        fix: 'Pass [low, high]; one of them may be infinite.',
      });
    if (!parameters.has(name))
      throw new TrainingError({
        code: 'TRAIN_BOUNDS',
        message: `'bounds' names '${name}', which is no parameter of the model.`,
        fix: 'Use a name that namedParameters(model) gives, other than of running statistics.',
      });
  }
}

/** Another optimiser's state may have all that this one keeps, and mean something else by it: nothing may be left over. */
export function checkState(shapes: ReadonlyMap<string, readonly number[]>, state: TrainingState): void {
  const refuse = (message: string) =>
    new TrainingError({
      code: 'TRAIN_CHECKPOINT',
      message,
      fix: 'Resume with the model, optimiser and options that wrote it, or start in an empty folder.',
    });
  for (const [name, dims] of shapes) {
    const value = state.get(name);
    if (value === undefined || !fits(value, dims)) throw refuse(`the checkpoint has no '${name}' of shape ${shown(dims)}.`);
  }
  for (const name of state.keys()) if (!shapes.has(name)) throw refuse(`the checkpoint has '${name}', which this run does not keep.`);
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

const isExpr = (value: unknown): value is Expr => typeof value === 'object' && value !== null && 'op' in value && 'dims' in value;
const described = (value: unknown): string => (value instanceof Promise ? 'a Promise' : isExpr(value) ? 'an expression' : String(value));

function checkScalar(what: string, value: unknown): void {
  const refuse = (message: string, fix: string) => new TrainingError({ code: 'TRAIN_OPTIONS', message, fix });
  if (!isExpr(value))
    throw refuse(
      `${what} is ${described(value)}, not an expression.`,
      "Return ops.mean(…), or { loss, metrics }: 'loss' is called to build a graph, once, and does not wait.",
    );
  const { dims } = value;
  if (dims.some((dim) => dim !== 1))
    throw refuse(`${what} has the shape [${dims.join(', ')}].`, 'Make it one number: ops.mean(…) or ops.sum(…) of it.');
}

/** What a loss function gives. Some names the trainer reports itself. */
export function checkReported(loss: unknown, metrics: Readonly<Record<string, unknown>>): void {
  checkScalar('the loss', loss);
  for (const [name, value] of Object.entries(metrics)) {
    if (name === 'loss' || name === 'gradientNorm')
      throw new TrainingError({
        code: 'TRAIN_OPTIONS',
        message: `a metric is named '${name}', which the trainer reports itself.`,
        fix: 'Give the metric another name.',
      });
    checkScalar(`metric '${name}'`, value);
  }
}

/** Names of the batch's tensors, beside those that the graph gives others. */
export function checkBatchNames(names: readonly string[], parameters: ReadonlyMap<string, unknown>, slots: ReadonlySet<string>): void {
  for (const name of names)
    if (parameters.has(name) || slots.has(name) || isInternalName(name))
      throw new TrainingError({
        code: 'TRAIN_BATCH',
        message: `a tensor of the batch is named '${name}', as ${parameters.has(name) ? 'a parameter of the model' : "a tensor of the trainer's own"} is.`,
        fix: 'Give it another name.',
      });
}

/** Names of parameters, beside those that the trainer gives its own tensors. */
export function checkParameterNames(names: Iterable<string>, slots: ReadonlySet<string>): void {
  for (const name of names)
    if (slots.has(name) || isInternalName(name))
      throw new TrainingError({
        code: 'NN_PARAMETER',
        message: `a parameter is named '${name}', as a tensor of the trainer's own is.`,
        fix: 'Give it another name in the tree of the model.',
      });
}

/** What `build` makes of a batch. An operator does not know the name of what it was not given; this names what the batch has not. */
export function namingMissing<T>(build: (batch: BatchExpr) => T, batch: BatchExpr, where: string): T {
  const missing = new Set<string>();
  const watched = new Proxy(batch, {
    get(own, name) {
      if (typeof name === 'string' && !Object.hasOwn(own, name)) missing.add(name);
      return Reflect.get(own, name);
    },
  });
  try {
    return build(watched);
  } catch (cause) {
    if (missing.size === 0) throw cause;
    throw new TrainingError({
      code: 'TRAIN_BATCH',
      message: `the loss reads ${[...missing].map((name) => `'${name}'`).join(', ')} in ${where}, whose batch has ${Object.keys(batch).join(', ') || 'nothing'}.`,
      fix: "Give it in 'data' of the run and of its evaluation, or give the evaluation a loss of its own.",
      cause,
    });
  }
}

/** What an encoder gives: one row for each row of its batch, so that those of parts can be joined. */
export function embeddingsOf(encode: (batch: BatchExpr) => BatchExpr, batch: BatchExpr): BatchExpr {
  const rows = new Set(Object.values(batch).flatMap(({ dims }) => dims.slice(0, 1)));
  const refuse = (message: string, fix: string) => new TrainingError({ code: 'TRAIN_OPTIONS', message, fix });
  if (typeof encode !== 'function')
    throw refuse(`'encode' is ${described(encode)}, not a function.`, 'Pass (batch) => ({ images, texts }).');
  const embeddings: unknown = encode(batch);
  const byName = 'Give embeddings by name, such as { images, texts }.';
  if (typeof embeddings !== 'object' || embeddings === null || embeddings instanceof Promise || isExpr(embeddings))
    throw refuse(`'encode' gives ${described(embeddings)}.`, byName);
  if (Object.keys(embeddings).length === 0) throw refuse("'encode' gives nothing.", byName);
  for (const [name, value] of Object.entries(embeddings)) {
    if (!isExpr(value)) throw refuse(`'encode' gives '${name}' as ${described(value)}, not an expression.`, byName);
    const { type, dims } = value;
    if (batch[name] !== undefined) throw refuse(`'encode' gives '${name}', which the batch has.`, 'Give the embeddings another name.');
    if (type !== 'float32' || !rows.has(dims[0]!))
      throw refuse(
        `'encode' gives '${name}' as ${type} [${dims.join(', ')}], for ${[...rows].join(' or ')} rows.`,
        'Give float32 tensors with one row for each row of the batch.',
      );
  }
  return embeddings as BatchExpr;
}

/** The shape of one of `parts` equal parts along the first axis; what has no axes goes to every part. */
export function splitShape(shape: BatchShape, parts: number): BatchShape {
  checkCount('microBatches', parts, 1);
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
