import type { TensorLike } from '@polymodal/modality-registry';
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
  /** Frees the graph and its tensors. */
  release(): Promise<void>;
}

/**
 * Trains a model, one event a step. Abort it or kill it, run it again with the same checkpoint store, and it goes on from the last
 * checkpoint with the same batches.
 *
 * @example
 * const run = train(model, { backend, data, steps: 2_000, seed: 7, loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!), optimizer: adamW({ learningRate: 1e-3 }) });
 * for await (const { step, loss } of run) console.log(step, loss);
 */
export function train(model: Module, options: TrainOptions): TrainRun {
  const { data, steps, seed, checkpoint, checkpointEvery = 500, signal } = options;
  let started: Promise<{ compiled: TrainingStep; first: number }> | undefined;

  const start = async () => {
    signal?.throwIfAborted();
    const sample = await data(0);
    const batch = Object.fromEntries(Object.entries(sample).map(([name, { type, dims }]) => [name, { type, dims }]));
    const compiled = await compileTrainingStep(model, { ...options, batch, weights: options.weights ?? initialize(model, seed) });
    const saved = await checkpoint?.load();
    if (saved !== undefined) compiled.restore(saved.tensors);
    return { compiled, first: saved?.step ?? 0 };
  };
  const begin = () => (started ??= start());

  return {
    async *[Symbol.asyncIterator]() {
      const { compiled, first } = await begin();
      let batch = first < steps ? await data(first) : undefined;
      for (let step = first; batch !== undefined; step++) {
        signal?.throwIfAborted();
        // With a backend in a worker, the next batch is prepared while this one is learnt from.
        const prepareNext = async () => (step + 1 < steps ? await data(step + 1) : undefined);
        const [{ loss, ...metrics }, next] = await Promise.all([compiled.run(batch, step, steps), prepareNext()]);
        batch = next;
        const done = step + 1;
        if (checkpoint !== undefined && (done % checkpointEvery === 0 || done === steps))
          await checkpoint.save({ step: done, tensors: await compiled.state() });
        yield { step: done, steps, loss: loss!, metrics };
      }
    },
    weights: async () => (await begin()).compiled.weights(),
    release: async () => {
      if (started !== undefined) await (await started).compiled.release();
    },
  };
}
