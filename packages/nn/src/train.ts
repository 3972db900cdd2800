import type { TensorLike } from '@polymodal/modality-registry';
import { firstNotFinite } from './check-weights.js';
import { releasedError, TrainingError } from './errors.js';
import { initialize } from './initialize.js';
import type { Module, Weights } from './module.js';
import { type Batch, compileTrainingStep, type TrainingStep, type TrainingStepOptions } from './training-step.js';

/** Where training checkpoints live; `@polymodal/nn/node` keeps them in a folder. */
export interface CheckpointStore {
  load(): Promise<{ readonly step: number; readonly tensors: ReadonlyMap<string, TensorLike<'float32'>> } | undefined>;
  save(checkpoint: { readonly step: number; readonly tensors: ReadonlyMap<string, TensorLike<'float32'>> }): Promise<void>;
}

export interface TrainOptions extends Omit<TrainingStepOptions, 'weights' | 'batch'> {
  /** The batch of a step (from 0): a pure function of the step, so that a run that was killed goes on exactly where it was. */
  readonly data: (step: number) => Batch | Promise<Batch>;
  readonly steps: number;
  readonly seed: number;
  /** Start values; default: initialize(model, seed). */
  readonly weights?: Weights;
  readonly checkpoint?: CheckpointStore;
  /** Steps between checkpoints; default 500. */
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
}

export interface TrainEvent {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A run: iterate it to train. */
export interface TrainRun extends AsyncIterable<TrainEvent> {
  /** The weights now: the running average where one is kept. */
  weights(): Promise<Map<string, TensorLike<'float32'>>>;
  /** Frees the graph and its tensors; calling it twice is harmless. */
  release(): Promise<void>;
}

function checkCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `'${name}' is ${value}.`,
      fix: `Pass an integer of at least ${least}.`,
    });
}

function notFinite(message: string): TrainingError {
  return new TrainingError({
    code: 'TRAIN_NOT_FINITE',
    message,
    fix: "Lower the learning rate, lengthen its warm-up or set 'clipNorm', and look for numbers that are not finite in the data; the last checkpoint is from before.",
  });
}

/**
 * Trains a model, one event a step. Abort it or kill it, run it again with the same checkpoint store, and it goes on from the last
 * checkpoint with the same batches. A loop that was left goes on where it was left.
 *
 * Throws {@link TrainingError}, among others `TRAIN_NOT_FINITE` when the loss is NaN or infinite, before a checkpoint is overwritten; and
 * the reason of `signal` when it is aborted.
 *
 * @example
 * const run = train(model, { backend, data, steps: 2_000, seed: 7, loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!), optimizer: adamW({ learningRate: 1e-3 }) });
 * for await (const { step, loss } of run) console.log(step, loss);
 */
export function train(model: Module, options: TrainOptions): TrainRun {
  const { data, steps, seed, checkpoint, checkpointEvery = 500, signal } = options;
  checkCount('steps', steps, 0);
  checkCount('checkpointEvery', checkpointEvery, 1);
  let started: Promise<TrainingStep> | undefined;
  let done = 0;
  let released = false;

  const start = async () => {
    if (released) throw releasedError();
    signal?.throwIfAborted();
    const sample = await data(0);
    const batch = Object.fromEntries(Object.entries(sample).map(([name, { type, dims }]) => [name, { type, dims }]));
    const compiled = await compileTrainingStep(model, { ...options, batch, weights: options.weights ?? initialize(model, seed) });
    try {
      const saved = await checkpoint?.load();
      if (saved !== undefined) compiled.restore(saved.tensors);
      done = saved?.step ?? 0;
    } catch (error) {
      await compiled.release();
      throw error;
    }
    return compiled;
  };
  const begin = () => (started ??= start());

  const save = async (compiled: TrainingStep) => {
    const tensors = await compiled.state();
    // The last loss was measured before the update, which may have broken the weights.
    for (const [name, tensor] of tensors)
      if (firstNotFinite(tensor) >= 0) throw notFinite(`'${name}' holds a number that is not finite after step ${done} of ${steps}.`);
    await checkpoint?.save({ step: done, tensors });
  };

  /** A failure is thrown where the batch is used, not while the step before it runs. */
  const prepare = (step: number): Promise<Batch> | undefined => {
    if (step >= steps) return undefined;
    // A microtask later: with a backend in a worker, the step has been sent by then, and runs while the next batch is prepared.
    const batch = Promise.resolve().then(() => data(step));
    batch.catch(() => {});
    return batch;
  };

  return {
    async *[Symbol.asyncIterator]() {
      const compiled = await begin();
      for (let upcoming = prepare(done); upcoming !== undefined; ) {
        const batch = await upcoming;
        signal?.throwIfAborted();
        const running = compiled.run(batch, done, steps);
        upcoming = prepare(done + 1);
        const { loss, ...metrics } = await running;
        if (!Number.isFinite(loss)) throw notFinite(`the loss is ${loss} at step ${done + 1} of ${steps}.`);
        done++;
        if (checkpoint !== undefined && (done % checkpointEvery === 0 || done === steps)) await save(compiled);
        yield { step: done, steps, loss: loss!, metrics };
      }
    },
    weights: async () => (await begin()).weights(),
    async release() {
      released = true;
      // A start that failed has cleaned up after itself, and its error went to whoever began.
      await (await started?.catch(() => undefined))?.release();
    },
  };
}
