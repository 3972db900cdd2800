import type { TensorLike } from '@polymodal/modality-registry';
import { firstNotFinite } from './check-weights.js';
import { releasedError, TrainingError } from './errors.js';
import { advance, type EvaluationOptions, type EvaluationProgress, evaluateBatches, noEvaluation } from './evaluation.js';
import type { Evaluator } from './evaluator.js';
import { initialize } from './initialize.js';
import type { Module, Weights } from './module.js';
import { checkAmount, checkCount } from './option-checks.js';
import { type Batch, compileTrainingStep, type TrainingStep, type TrainingStepOptions } from './training-step.js';
import { unlessAborted } from './unless-aborted.js';

type StateTensors = ReadonlyMap<string, TensorLike<'float32'>>;

/** What a run is resumed from. */
export interface SavedRun {
  /** Steps done. */
  readonly step: number;
  readonly tensors: StateTensors;
  /** Absent before the first evaluation. */
  readonly evaluation?: EvaluationProgress;
}

/** Where training checkpoints live; `@polymodal/nn/node` keeps them in a folder. */
export interface CheckpointStore {
  load(): Promise<SavedRun | undefined>;
  save(checkpoint: SavedRun): Promise<void>;
  /** Keeps the weights of the best evaluation so far: those that `run.weights()` gives. */
  saveBest?(best: {
    readonly step: number;
    readonly weights: StateTensors;
    readonly results: Readonly<Record<string, number>>;
  }): Promise<void>;
}

/** Hears of every step: a metrics file, a view. */
export interface TrainListener {
  event(event: TrainEvent): void | Promise<void>;
  /** The loop has ended or was left; it may go on with further events. */
  end?(): void | Promise<void>;
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
  /** Measures the weights now and then, keeps the best, and may end the run. */
  readonly evaluation?: EvaluationOptions;
  readonly listeners?: readonly TrainListener[];
  readonly signal?: AbortSignal;
}

export interface TrainEvent {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Loss and metrics over the evaluation's batches, after a step that was evaluated. */
  readonly evaluation?: Readonly<Record<string, number>>;
  /** Whether this evaluation is the best so far. */
  readonly best?: boolean;
  /** Whether the run ends here for lack of better evaluations. */
  readonly stopped?: boolean;
}

/** A run: iterate it to train. */
export interface TrainRun extends AsyncIterable<TrainEvent> {
  /** The weights now: the running average where one is kept. */
  weights(): Promise<Map<string, TensorLike<'float32'>>>;
  /** Frees the graph and its tensors; calling it twice is harmless. */
  release(): Promise<void>;
}

function notFinite(message: string): TrainingError {
  return new TrainingError({
    code: 'TRAIN_NOT_FINITE',
    message,
    fix: "Lower the learning rate, lengthen its warm-up or set 'clipNorm', and look for numbers that are not finite in the data; the last checkpoint is from before.",
  });
}

/** A step that is done, but that not all have heard of: its evaluation, a checkpoint or a listener may have failed. */
interface OpenStep {
  readonly batch: Batch;
  event: TrainEvent;
}

/**
 * Trains a model, one event a step. Abort it or kill it, run it again with the same checkpoint store, and it goes on from the last
 * checkpoint with the same batches. A loop that was left, or ended by an error, goes on where it was; what failed is tried again.
 *
 * Throws {@link TrainingError}, among others `TRAIN_NOT_FINITE` when the loss, the norm of the gradients or a weight is NaN or infinite, which
 * names the tensor that was so first, before a checkpoint is overwritten; and the reason of `signal` when it is aborted.
 *
 * @example
 * const run = train(model, { backend, data, steps: 2_000, seed: 7, loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!), optimizer: adamW({ learningRate: 1e-3 }) });
 * for await (const { step, loss } of run) console.log(step, loss);
 */
export function train(model: Module, options: TrainOptions): TrainRun {
  const { data, steps, seed, checkpoint, checkpointEvery = 500, evaluation, listeners = [], signal } = options;
  checkCount('steps', steps, 0);
  checkCount('checkpointEvery', checkpointEvery, 1);
  checkCount('seed', seed, 0);
  if (evaluation !== undefined) {
    checkCount('evaluation.batches', evaluation.batches, 1);
    checkCount('evaluation.every', evaluation.every ?? 1, 1);
    checkCount('evaluation.patience', evaluation.patience ?? 1, 1);
    checkAmount('evaluation.minimumGain', evaluation.minimumGain ?? 0);
  }
  let started: Promise<TrainingStep> | undefined;
  let evaluator: Evaluator | undefined;
  let progress = noEvaluation;
  let done = 0;
  let open: OpenStep | undefined;
  let looping = false;
  let released = false;

  const start = async () => {
    if (released) throw releasedError();
    signal?.throwIfAborted();
    const sample = await unlessAborted(data(0), signal);
    const batch = Object.fromEntries(Object.entries(sample).map(([name, { type, dims }]) => [name, { type, dims }]));
    const compiled = await compileTrainingStep(model, { ...options, batch, weights: options.weights ?? initialize(model, seed) });
    try {
      const saved = await checkpoint?.load();
      if (saved !== undefined) await compiled.restore(saved.tensors);
      done = saved?.step ?? 0;
      progress = saved?.evaluation ?? noEvaluation;
    } catch (error) {
      await compiled.release();
      throw error;
    }
    return compiled;
  };
  const begin = () => (started ??= start());

  /** The error for a step that broke, with its cause where it can be found. */
  const broken = async (compiled: TrainingStep, batch: Batch, message: string) => {
    const first = await compiled.firstNotFinite(batch).catch(() => undefined); // What was found stands without its cause.
    return notFinite(
      `${message}; ${first === undefined ? 'loss and gradients were finite, the update was not' : `first to be so was ${first}`}.`,
    );
  };

  const refuseNotFinite = async (compiled: TrainingStep, batch: Batch, tensors: StateTensors) => {
    // The last loss was measured before the update, which may have broken the weights.
    for (const [name, tensor] of tensors)
      if (firstNotFinite(tensor) >= 0)
        throw await broken(compiled, batch, `'${name}' holds a number that is not finite after step ${done} of ${steps}`);
  };

  const save = async (compiled: TrainingStep, batch: Batch, store: CheckpointStore) => {
    const tensors = await compiled.state();
    await refuseNotFinite(compiled, batch, tensors);
    await store.save({ step: done, tensors, ...(progress !== noEvaluation && { evaluation: progress }) });
  };

  const evaluate = async (compiled: TrainingStep, settings: EvaluationOptions) => {
    evaluator ??= compiled.evaluator(settings.loss);
    const results = await evaluateBatches(evaluator, settings, signal);
    const next = advance(progress, settings, done, results);
    const best = next.best?.step === done;
    if (best) await checkpoint?.saveBest?.({ step: done, weights: await compiled.weights(), results });
    progress = next;
    return { evaluation: results, best, stopped: progress.stopped };
  };

  /** A failure is thrown where the batch is used, not while the step before it runs. */
  const prepare = (step: number): Promise<Batch> => {
    // A microtask later: with a backend in a worker, the step has been sent by then, and runs while the next batch is prepared.
    const batch = Promise.resolve().then(() => data(step));
    batch.catch(() => {});
    return batch;
  };

  /** The event of a step that runs. */
  const measured = async (
    compiled: TrainingStep,
    batch: Batch,
    running: Promise<Readonly<Record<string, number>>>,
  ): Promise<TrainEvent> => {
    const { loss, ...metrics } = await running;
    const at = `at step ${done + 1} of ${steps}`;
    if (!Number.isFinite(loss)) throw await broken(compiled, batch, `the loss is ${loss} ${at}`);
    const { gradientNorm } = metrics;
    if (gradientNorm !== undefined && !Number.isFinite(gradientNorm))
      throw await broken(compiled, batch, `the norm of the gradients is ${gradientNorm} ${at}`);
    done++;
    return { step: done, steps, loss: loss!, metrics };
  };

  /** Evaluates and saves where that is due. What has failed is tried again when the loop goes on. */
  const conclude = async (compiled: TrainingStep, step: OpenStep): Promise<void> => {
    const due = evaluation !== undefined && (done % (evaluation.every ?? 500) === 0 || done === steps);
    if (due && step.event.evaluation === undefined) step.event = { ...step.event, ...(await evaluate(compiled, evaluation)) };
    const last = done === steps || progress.stopped;
    if (checkpoint !== undefined && (last || done % checkpointEvery === 0)) await save(compiled, step.batch, checkpoint);
    else if (last) await refuseNotFinite(compiled, step.batch, await compiled.weights());
  };

  /** Ends every listener. An error of theirs does not hide the one that ended the loop. */
  const endListeners = async (failed: boolean) => {
    const errors: unknown[] = [];
    for (const listener of listeners)
      try {
        await listener.end?.();
      } catch (error) {
        errors.push(error);
      }
    if (!failed && errors.length > 0) throw errors[0];
  };

  return {
    async *[Symbol.asyncIterator]() {
      if (looping)
        throw new TrainingError({
          code: 'TRAIN_LOOP',
          message: 'the run is in a loop already.',
          fix: 'Leave that loop before another goes on with the run, or start a second run.',
        });
      looping = true;
      let failed = false;
      try {
        const compiled = await begin();
        let upcoming: Promise<Batch> | undefined;
        while (open !== undefined || (done < steps && !progress.stopped)) {
          if (open === undefined) {
            const batch = await unlessAborted(upcoming ?? prepare(done), signal);
            const running = compiled.run(batch, done, steps);
            upcoming = done + 1 < steps ? prepare(done + 1) : undefined;
            open = { batch, event: await measured(compiled, batch, running) };
          }
          await conclude(compiled, open);
          const { event } = open;
          for (const listener of listeners) await listener.event(event);
          open = undefined;
          yield event;
        }
      } catch (error) {
        failed = true;
        throw error;
      } finally {
        looping = false;
        await endListeners(failed);
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
