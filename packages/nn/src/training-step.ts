import type { Backend, Expr, Program, Tensor } from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import { releasedError } from './errors.js';
import { createEvaluator, type Evaluator } from './evaluator.js';
import { firstNotFiniteOf } from './inspection.js';
import type { Module, Weights } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import { checkBatch, checkState, splitBatch } from './training-checks.js';
import {
  averageName,
  averageRateName,
  emitGradientStep,
  emitUpdateStep,
  emitWholeStep,
  firstName,
  gradientName,
  gradientNormName,
  metricName,
  nextName,
  scalarName,
  trainingGraph,
} from './training-graph.js';
import { drawName } from './training-scope.js';

/** What one step is fed: named tensors, of the same shapes every time. */
export type Batch = Readonly<Record<string, TensorLike>>;
export type BatchShape = Readonly<Record<string, { readonly type: DType; readonly dims: readonly number[] }>>;
export type BatchExpr = Readonly<Record<string, Expr>>;

/** A scalar to minimise, alone or with other scalars to report. */
export type Loss = Expr | { readonly loss: Expr; readonly metrics: Readonly<Record<string, Expr>> };

export interface TrainingStepOptions {
  readonly backend: Backend;
  readonly batch: BatchShape;
  readonly loss: (batch: BatchExpr) => Loss;
  /** One optimiser for all parameters, or several groups; the first that matches a parameter moves it. */
  readonly optimizer: Optimizer | readonly ParameterGroup[];
  /** Start values of all parameters. */
  readonly weights: Weights;
  /** Which parameters learn; default all. The others are constants of the graph: no optimiser state, no decay, byte-identical afterwards. */
  readonly trainable?: (name: string) => boolean;
  /** Which parameters decay; default those with two or more axes, not gains and biases. */
  readonly decay?: (name: string, dims: readonly number[]) => boolean;
  /** Largest Euclidean norm of all gradients together; default none. */
  readonly clipNorm?: number;
  /** Parameters held in a range after each step, by name. */
  readonly bounds?: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Keeps an exponential moving average of weights and running statistics with this decay. */
  readonly averageDecay?: number;
  /** Of the random numbers that the graph draws, as dropout does; default 0. */
  readonly seed?: number;
  /**
   * Parts of equal size into which each batch is split along its first axis, to take the memory of one part; default 1. `loss` is built for a
   * part. The step is that of the whole batch where the loss is a mean over its rows; metrics are averaged over the parts.
   */
  readonly microBatches?: number;
}

/** The resident state of a training run: weights, optimiser slots, running statistics and averages, by name. */
export type TrainingState = ReadonlyMap<string, TensorLike<'float32'>>;

export interface TrainingStep {
  /**
   * Runs step `step` (from 0) of `steps` and returns the loss and metrics before the update, and with `clipNorm` the norm of all gradients
   * before clipping as `gradientNorm`. Throws {@link TrainingError} `TRAIN_BATCH` where a tensor is missing, unknown, or not of the shape
   * that the graph was compiled for.
   */
  run(batch: Batch, step: number, steps: number): Promise<Readonly<Record<string, number>>>;
  /** Copies of all parameters and running statistics: trained, or averaged where an average is kept. */
  weights(options?: { readonly averaged?: boolean }): Promise<Map<string, TensorLike<'float32'>>>;
  /** A copy of weights, optimiser slots, running statistics and averages: what {@link restore} takes. */
  state(): Promise<Map<string, TensorLike<'float32'>>>;
  /** Goes on from a state. Throws {@link TrainingError} `TRAIN_CHECKPOINT` where it is not one of this model and optimiser. */
  restore(state: TrainingState): void;
  /** Computes a loss and metrics (default: those of training) with the weights of the moment, averaged ones where they are kept. */
  evaluator(loss?: (batch: BatchExpr) => Loss): Evaluator;
  /**
   * After a step that gave NaN or an infinity: what in it first was not finite, as `parameter 'head.weight'`, `the output of operator 'log'`
   * or `the gradient of 'head.bias'`; undefined where all was finite up to the optimiser. Compiles a graph that looks at every tensor.
   */
  firstNotFinite(batch: Batch): Promise<string | undefined>;
  /** Frees the graph and its tensors; calling it twice is harmless. */
  release(): Promise<void>;
}

/** Runs a program whose large outputs go to `out`, and reads its scalars. Of `feeds` it takes what it needs. */
async function runAndReport(
  program: Program,
  feeds: Readonly<Record<string, Tensor | TensorLike>>,
  out: Readonly<Record<string, Tensor>>,
  metrics: readonly string[],
): Promise<Record<string, number>> {
  const taken = Object.fromEntries(program.inputNames.filter((name) => feeds[name] !== undefined).map((name) => [name, feeds[name]!]));
  const results = await program.run(taken, out, [...metrics.map(metricName), ...Object.keys(out)]);
  const report: Record<string, number> = {};
  for (const name of metrics) {
    const result = results[metricName(name)]!;
    report[name] = Number((await result.read())[0]);
    result.dispose();
  }
  return report;
}

const scalar = (value: number): TensorLike<'float32'> => ({ type: 'float32', dims: [], data: Float32Array.of(value) });
const flag = (value: boolean): TensorLike<'bool'> => ({ type: 'bool', dims: [], data: Uint8Array.of(Number(value)) });
const integer = (value: number): TensorLike<'int64'> => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });

/**
 * Compiles forward, backward, clipping and optimiser update into one graph, or with micro-batches into two: one adds up gradients, the other
 * updates. State stays resident in the backend between steps, in two sets of tensors that swap: one is read while the other is written.
 */
export async function compileTrainingStep(model: Module, options: TrainingStepOptions): Promise<TrainingStep> {
  const { backend, weights, averageDecay, clipNorm, microBatches = 1 } = options;
  const graph = trainingGraph(model, options);
  const { parameters, trained, buffers, stateDims } = graph;
  const metricNames = Object.keys(graph.reported);
  const normNames = clipNorm === undefined ? [] : [gradientNormName];
  const whole = microBatches === 1;
  const compileOrRelease = (bytes: Uint8Array) =>
    backend.compile(bytes).catch(async (error: unknown) => {
      await program.release();
      throw error;
    });
  const program = await backend.compile(whole ? emitWholeStep(graph, options) : emitUpdateStep(graph, options));
  const gradientProgram = whole ? undefined : await compileOrRelease(emitGradientStep(graph, options));
  /** What each program writes. */
  const stepKeys = [...stateDims.keys()].filter((key) => whole || !buffers.has(key));
  const partKeys = [...[...trained.keys()].map(gradientName), ...buffers.keys()];

  let current: Record<string, Tensor> = {};
  let next: Record<string, Tensor> = {};
  const fill = (key: string, dims: readonly number[], start?: Float32Array): void => {
    const count = dims.reduce((n, dim) => n * dim, 1);
    for (const set of [current, next]) set[key]?.dispose();
    current[key] = backend.tensor({ type: 'float32', dims, data: start?.slice() ?? new Float32Array(count) });
    next[key] = backend.tensor({ type: 'float32', dims, data: new Float32Array(count) });
  };
  for (const [key, dims] of stateDims) fill(key, dims, weights.get(key.replace(/^average\//, ''))?.data);
  if (!whole) for (const [name, { dims }] of trained) fill(gradientName(name), dims);

  let released = false;
  const refuseReleased = () => {
    if (released) throw releasedError();
  };
  const evaluators = new Set<Evaluator>();
  const read = async (keys: Iterable<string>) => {
    refuseReleased();
    const out = new Map<string, TensorLike<'float32'>>();
    for (const key of keys)
      out.set(key, { type: 'float32', dims: stateDims.get(key)!, data: (await current[key]!.read()) as Float32Array });
    return out;
  };
  const scalarsAt = (step: number, steps: number): Record<string, TensorLike> => {
    const feeds: Record<string, TensorLike> = {};
    graph.groups.forEach(({ optimizer }, group) => {
      const rate = learningRateAt(optimizer.learningRate, step, steps);
      for (const [name, value] of Object.entries(optimizer.scalarsAt(step, rate))) feeds[scalarName(group, name)] = scalar(value);
    });
    // The average follows closely at first, when the weights move fast.
    if (averageDecay !== undefined) feeds[averageRateName] = scalar(1 - Math.min(averageDecay, (1 + step) / (10 + step)));
    return feeds;
  };
  /** Part `part` of a batch, and what tells it from others. */
  const partOf = (fed: Batch, step: number, part: number): Record<string, TensorLike> => ({
    ...splitBatch(fed, part, microBatches),
    [firstName]: flag(part === 0),
    [drawName]: integer(step * microBatches + part),
  });
  /** Runs a program, which writes the next values of these keys. */
  const advance = async (
    one: Program,
    feeds: Readonly<Record<string, TensorLike>>,
    keys: readonly string[],
    metrics: readonly string[],
  ) => {
    const out = Object.fromEntries(keys.map((key) => [nextName(key), next[key]!]));
    const report = await runAndReport(one, { ...feeds, ...current }, out, metrics);
    for (const key of keys) [current[key], next[key]] = [next[key]!, current[key]!];
    return report;
  };
  /** Adds up the gradients of the micro-batches; the mean of their metrics. */
  const accumulate = async (gradientStep: Program, fed: Batch, step: number): Promise<Record<string, number>> => {
    const totals: Record<string, number> = {};
    for (let part = 0; part < microBatches; part++) {
      const report = await advance(gradientStep, partOf(fed, step, part), partKeys, metricNames);
      for (const [name, value] of Object.entries(report)) totals[name] = (totals[name] ?? 0) + value / microBatches;
    }
    return totals;
  };
  let lastStep = 0;

  return {
    async run(fed, step, steps) {
      refuseReleased();
      checkBatch(fed, options.batch, step);
      lastStep = step;
      const scalars = scalarsAt(step, steps);
      if (gradientProgram === undefined)
        return advance(program, { ...partOf(fed, step, 0), ...scalars }, stepKeys, [...metricNames, ...normNames]);
      const summed = await accumulate(gradientProgram, fed, step);
      return { ...summed, ...(await advance(program, scalars, stepKeys, normNames)) };
    },
    async weights({ averaged = averageDecay !== undefined } = {}) {
      const resident = [...parameters.keys()].filter((name) => stateDims.has(name));
      const values = await read(resident.map((name) => (averaged ? averageName(name) : name)));
      return new Map([...parameters.keys()].map((name) => [name, values.get(averaged ? averageName(name) : name) ?? weights.get(name)!]));
    },
    state: () => read(stateDims.keys()),
    restore(state) {
      refuseReleased();
      checkState(stateDims, state);
      for (const [key, dims] of stateDims) fill(key, dims, state.get(key)!.data);
    },
    evaluator(loss = options.loss) {
      refuseReleased();
      const resident = (name: string) => current[averageDecay === undefined ? name : averageName(name)]!;
      const evaluator = createEvaluator({ backend, parameters, stateDims, weights, loss, resident });
      evaluators.add(evaluator);
      return evaluator;
    },
    async firstNotFinite(batch) {
      refuseReleased();
      // The state that the step began with is the one that the next step will write to.
      const before = { ...next };
      for (let part = 0; part < microBatches; part++) {
        const feeds = { ...partOf(batch, lastStep, part), ...before };
        const found = await firstNotFiniteOf(graph, { backend, weights, feeds });
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async release() {
      released = true;
      for (const set of [current, next]) for (const tensor of Object.values(set)) tensor.dispose();
      current = next = {};
      for (const evaluator of evaluators) await evaluator.release();
      await gradientProgram?.release();
      await program.release();
    },
  };
}
