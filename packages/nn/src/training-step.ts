import type { Backend, Expr, Program, Tensor } from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import { releasedError } from './errors.js';
import { createEvaluator, type Evaluator } from './evaluator.js';
import { openGate } from './gate.js';
import { firstNotFiniteOf } from './inspection.js';
import type { Module, Weights } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import { checkBatch, checkState, splitBatch } from './training-checks.js';
import { emitTraining, lossOf, type PlannedProgram, type Stage } from './training-graph.js';
import { namingIndices } from './training-indices.js';
import { averageName, averageRateName, drawName, firstName, metricName, scalarName } from './training-names.js';
import { trainingPlan } from './training-plan.js';

/** What one step is fed: named tensors, of the same shapes every time. */
export type Batch = Readonly<Record<string, TensorLike>>;
export type BatchShape = Readonly<Record<string, { readonly type: DType; readonly dims: readonly number[] }>>;
export type BatchExpr = Readonly<Record<string, Expr>>;

/** A scalar to minimise, alone or with other scalars to report. */
export type Loss = Expr | { readonly loss: Expr; readonly metrics?: Readonly<Record<string, Expr>> };

export interface TrainingStepOptions {
  readonly backend: Backend;
  readonly batch: BatchShape;
  readonly loss: (batch: BatchExpr) => Loss;
  /**
   * From a batch to embeddings by name, with a row for each of its rows; `loss` then gets both the batch and the embeddings. With
   * `microBatches` only `encode` works on parts: the loss sees the embeddings of the whole batch, as contrastive losses need, in the memory
   * of one part, for one more forward pass (Gao et al. 2021, arXiv 2101.06983).
   */
  readonly encode?: (batch: BatchExpr) => Readonly<Record<string, Expr>>;
  /** One optimiser for all parameters, or several groups; the first that matches a parameter moves it. */
  readonly optimizer: Optimizer | readonly ParameterGroup[];
  /** Start values of all parameters. */
  readonly weights: Weights;
  /**
   * Which parameters learn; default all. The others are constants of the graph: no optimiser state, no decay, byte-identical afterwards. A
   * batch norm's running statistics move all the same; {@link inference} keeps them.
   */
  readonly trainable?: (name: string) => boolean;
  /** Which parameters decay; default those with two or more axes, not gains and biases. */
  readonly decay?: (name: string, dims: readonly number[]) => boolean;
  /** Largest Euclidean norm of all gradients together; default none. */
  readonly clipNorm?: number;
  /** Parameters held in a range after each step, by name. */
  readonly bounds?: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Keeps an exponential moving average of weights and running statistics with this decay, at step s from 0 with at most (1 + s) / (10 + s). */
  readonly averageDecay?: number;
  /** Of the random numbers that the graph draws, as dropout does; default 0. */
  readonly seed?: number;
  /**
   * Parts of equal size into which each batch is split along its first axis, to take the memory of one part; default 1. Without `encode`, `loss`
   * is built for a part: the step is that of the whole batch where the loss is a mean over its rows, and metrics are averaged over the parts.
   */
  readonly microBatches?: number;
}

/** The resident state of a training run: weights, optimiser slots, running statistics and averages, by name. */
export type TrainingState = ReadonlyMap<string, TensorLike<'float32'>>;

/** Each call waits for those before it, so that what is read is of one step. */
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
  restore(state: TrainingState): Promise<void>;
  /**
   * Computes a loss and metrics with the weights of the moment, averaged ones where they are kept. Default: those of training, in one graph;
   * another loss gets the batch alone.
   */
  evaluator(loss?: (batch: BatchExpr) => Loss): Evaluator;
  /**
   * After a step that gave NaN or an infinity: what in it first was not finite, as `parameter 'head.weight'`, `the output of operator 'log'`
   * or `the gradient of 'head.bias'`; undefined where all was finite up to the optimiser. Compiles a graph that looks at every tensor.
   */
  firstNotFinite(batch: Batch): Promise<string | undefined>;
  /** Frees the graph and its tensors after the calls in hand; calling it twice is harmless. */
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

/** Compiles every program once; all or none. */
async function compileAll(
  programs: ReadonlySet<PlannedProgram>,
  compile: (program: PlannedProgram) => Promise<Program>,
): Promise<Map<PlannedProgram, Program>> {
  const compiled = new Map<PlannedProgram, Program>();
  try {
    for (const program of programs) compiled.set(program, await compile(program));
    return compiled;
  } catch (error) {
    for (const program of compiled.values()) await program.release();
    throw error;
  }
}

const scalar = (value: number): TensorLike<'float32'> => ({ type: 'float32', dims: [], data: Float32Array.of(value) });
const flag = (value: boolean): TensorLike<'bool'> => ({ type: 'bool', dims: [], data: Uint8Array.of(Number(value)) });
const integer = (value: number): TensorLike<'int64'> => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });

/**
 * Compiles forward, backward, clipping and optimiser update into one graph, or with micro-batches into several. State stays resident in the
 * backend between steps, in two sets of tensors that swap: one is read while the other is written.
 */
export async function compileTrainingStep(model: Module, options: TrainingStepOptions): Promise<TrainingStep> {
  const { backend, weights, averageDecay, microBatches = 1 } = options;
  const plan = trainingPlan(model, options);
  const { stateDims, stages } = plan;
  const { parameters, groups } = plan.model;
  const programs = await compileAll(new Set(stages.map(({ program }) => program)), ({ outputs }) =>
    backend.compile(emitTraining(plan.model, stateDims, weights, outputs)),
  );

  let current: Record<string, Tensor> = {};
  let next: Record<string, Tensor> = {};
  const fill = (key: string, dims: readonly number[], start?: Float32Array): void => {
    const count = dims.reduce((n, dim) => n * dim, 1);
    for (const set of [current, next]) set[key]?.dispose();
    current[key] = backend.tensor({ type: 'float32', dims, data: start?.slice() ?? new Float32Array(count) });
    next[key] = backend.tensor({ type: 'float32', dims, data: new Float32Array(count) });
  };
  for (const [key, dims] of stateDims) fill(key, dims, weights.get(key.replace(/^average\//, ''))?.data);
  for (const [key, dims] of plan.scratchDims) fill(key, dims);

  const gate = openGate(releasedError);
  const evaluators = new Set<Evaluator>();
  const read = async (keys: Iterable<string>) => {
    const out = new Map<string, TensorLike<'float32'>>();
    for (const key of keys)
      out.set(key, { type: 'float32', dims: stateDims.get(key)!, data: (await current[key]!.read()) as Float32Array });
    return out;
  };
  const scalarsAt = (step: number, steps: number): Record<string, TensorLike> => {
    const feeds: Record<string, TensorLike> = {};
    groups.forEach(({ optimizer }, group) => {
      const rate = learningRateAt(optimizer.learningRate, step, steps);
      for (const [name, value] of Object.entries(optimizer.scalarsAt(step, rate))) feeds[scalarName(group, name)] = scalar(value);
    });
    // The average follows closely at first, when the weights move fast.
    if (averageDecay !== undefined) feeds[averageRateName] = scalar(1 - Math.min(averageDecay, (1 + step) / (10 + step)));
    return feeds;
  };
  /** What a stage is fed beside scalars: its part of the batch, what tells the part from others, and what is resident in `set`. */
  const feedsOf = ({ part, feeds = {} }: Stage, fed: Batch, step: number, set: Readonly<Record<string, Tensor>>) => ({
    ...(part === undefined ? fed : splitBatch(fed, part, microBatches)),
    ...set,
    ...Object.fromEntries(Object.entries(feeds).map(([name, key]) => [name, set[key]!])),
    [firstName]: flag(part === 0),
    [drawName]: integer(step * microBatches + (part ?? 0)),
  });
  /** Runs a stage, after which what it wrote is current. */
  const advance = async (stage: Stage, feeds: Readonly<Record<string, Tensor | TensorLike>>): Promise<Record<string, number>> => {
    const { program, writes, metrics } = stage;
    const out = Object.fromEntries(Object.entries(writes).map(([output, key]) => [output, next[key]!]));
    const report = await runAndReport(programs.get(program)!, feeds, out, metrics);
    for (const key of Object.values(writes)) [current[key], next[key]] = [next[key]!, current[key]!];
    return report;
  };
  let lastStep = 0;

  return {
    run: (fed, step, steps) =>
      gate.pass(async () => {
        checkBatch(fed, options.batch, step);
        lastStep = step;
        const scalars = scalarsAt(step, steps);
        const report: Record<string, number> = {};
        for (const stage of stages) {
          const outputs = Object.values(stage.program.outputs);
          const feeds = { ...feedsOf(stage, fed, step, current), ...scalars };
          const values = await namingIndices(() => advance(stage, feeds), {
            outputs,
            batch: fed,
            model: plan.model,
            when: `step ${step + 1}`,
          });
          for (const [name, value] of Object.entries(values))
            report[name] = (report[name] ?? 0) + (stage.part === undefined ? value : value / microBatches);
        }
        return report;
      }),
    weights: ({ averaged = averageDecay !== undefined } = {}) =>
      gate.pass(async () => {
        const keyOf = (name: string) => (averaged ? averageName(name) : name);
        const values = await read([...parameters.keys()].filter((name) => stateDims.has(name)).map(keyOf));
        return new Map([...parameters.keys()].map((name) => [name, values.get(keyOf(name)) ?? weights.get(name)!]));
      }),
    state: () => gate.pass(() => read(stateDims.keys())),
    restore: (state) =>
      gate.pass(async () => {
        checkState(stateDims, state);
        for (const [key, dims] of stateDims) fill(key, dims, state.get(key)!.data);
      }),
    evaluator(loss = lossOf(options)) {
      const resident = (name: string) => current[averageDecay === undefined ? name : averageName(name)]!;
      const inner = createEvaluator({ backend, model: plan.model, stateDims, weights, loss, resident });
      const evaluator = { run: (batch: Batch) => gate.pass(() => inner.run(batch)), release: () => inner.release() };
      evaluators.add(evaluator);
      return evaluator;
    },
    firstNotFinite: (batch) =>
      gate.pass(async () => {
        // The state that the step began with is the one that the next step will write to.
        const before = { ...current, ...Object.fromEntries([...stateDims.keys()].map((key) => [key, next[key]!])) };
        for (const stage of stages) {
          const { values, gradients } = stage.program;
          if (values.length + gradients.size === 0) continue;
          const feeds = feedsOf(stage, batch, lastStep, before);
          const found = await firstNotFiniteOf(stage.program, { backend, model: plan.model, stateDims, weights, feeds });
          if (found !== undefined) return found;
        }
        return undefined;
      }),
    async release() {
      await gate.close();
      for (const set of [current, next]) for (const tensor of Object.values(set)) tensor.dispose();
      current = next = {};
      for (const evaluator of evaluators) await evaluator.release();
      for (const program of programs.values()) await program.release();
    },
  };
}
