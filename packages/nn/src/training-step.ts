import { type Backend, type Expr, emitOnnx, gradients, ops, type Tensor } from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import { releasedError, TrainingError } from './errors.js';
import { type Module, namedParameters, type Weights } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import { checkBatch, checkBounds, checkStartValues, checkState } from './training-checks.js';

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
  /** Keeps an exponential moving average of the weights with this decay. */
  readonly averageDecay?: number;
}

/** The resident state of a training run: weights, optimiser slots and averages, by name. */
export type TrainingState = ReadonlyMap<string, TensorLike<'float32'>>;

export interface TrainingStep {
  /**
   * Runs step `step` (from 0) of `steps` and returns the loss and metrics before the update. Throws {@link TrainingError} `TRAIN_BATCH`
   * where a tensor is missing, unknown, or not of the shape that the graph was compiled for.
   */
  run(batch: Batch, step: number, steps: number): Promise<Readonly<Record<string, number>>>;
  /** Copies of all parameters: trained, or averaged where an average is kept. */
  weights(options?: { readonly averaged?: boolean }): Promise<Map<string, TensorLike<'float32'>>>;
  /** A copy of weights, optimiser slots and averages: what {@link restore} takes. */
  state(): Promise<Map<string, TensorLike<'float32'>>>;
  /** Goes on from a state. Throws {@link TrainingError} `TRAIN_CHECKPOINT` where it is not one of this model and optimiser. */
  restore(state: TrainingState): void;
  /** Frees the graph and its tensors; calling it twice is harmless. */
  release(): Promise<void>;
}

const slotName = (slot: string, name: string) => `${slot}/${name}`;
const averageName = (name: string) => `average/${name}`;
/** A graph's output cannot share its input's name. */
const nextName = (key: string) => `next/${key}`;

/** Global-norm clipping, as PyTorch's `clip_grad_norm_`. */
function clip(all: readonly Expr[], limit: number): Expr[] {
  const norm = ops.sqrt(all.map((g) => ops.sum(ops.mul(g, g))).reduce((a, b) => ops.add(a, b)));
  const factor = ops.minimum(ops.div(limit, ops.add(norm, 1e-6)), 1);
  return all.map((g) => ops.mul(g, factor));
}

/** Which optimiser moves each trained parameter, and the index of its group. */
function assignGroups(
  groups: readonly ParameterGroup[],
  trained: ReadonlyMap<string, Expr>,
): Map<string, { readonly optimizer: Optimizer; readonly group: number }> {
  return new Map(
    [...trained].map(([name, { dims }]) => {
      const group = groups.findIndex(({ match = () => true }) => match(name, dims as readonly number[]));
      if (group === -1)
        throw new TrainingError({
          code: 'TRAIN_GROUPS',
          message: `no optimiser group takes parameter '${name}'.`,
          fix: "End the list with a group that has no 'match', or freeze the parameter with 'trainable'.",
        });
      return [name, { optimizer: groups[group]!.optimizer, group }];
    }),
  );
}

const scalarName = (group: number, name: string) => `scalar/${group}/${name}`;
const averageRateName = 'scalar/average';

/** The update of all parameters as named outputs of the training graph. */
function updates(
  options: TrainingStepOptions,
  trained: ReadonlyMap<string, Expr>,
  assigned: ReturnType<typeof assignGroups>,
  loss: Expr,
): Record<string, Expr> {
  const { clipNorm, bounds = {}, averageDecay, decay = (_, dims) => dims.length > 1 } = options;
  const raw = gradients(loss, [...trained.values()]);
  const clipped = clipNorm === undefined ? raw : clip(raw, clipNorm);
  const scalars = new Map<string, Expr>();
  const scalar = (name: string): Expr => {
    const known = scalars.get(name) ?? ops.input(name, 'float32', []);
    scalars.set(name, known);
    return known;
  };
  const outputs: Record<string, Expr> = {};
  [...trained].forEach(([name, value], i) => {
    const { optimizer, group } = assigned.get(name)!;
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, ops.input(slotName(slot, name), 'float32', value.dims)]));
    const own = Object.fromEntries(optimizer.scalars.map((one) => [one, scalar(scalarName(group, one))]));
    const next = optimizer.update(value, clipped[i]!, slots, own, decay(name, value.dims as readonly number[]));
    const range = bounds[name];
    const bounded = range === undefined ? next.value : ops.minimum(ops.maximum(next.value, range[0]), range[1]);
    outputs[nextName(name)] = bounded;
    for (const slot of optimizer.slots) outputs[nextName(slotName(slot, name))] = next.slots[slot]!;
    if (averageDecay !== undefined) {
      const average = ops.input(averageName(name), 'float32', value.dims);
      outputs[nextName(averageName(name))] = ops.add(average, ops.mul(ops.sub(bounded, average), scalar(averageRateName)));
    }
  });
  return outputs;
}

/**
 * Compiles forward, backward, clipping and optimiser update into one graph. State stays resident in the backend between steps, in two
 * sets of tensors that swap: one is read while the other is written.
 */
export async function compileTrainingStep(model: Module, options: TrainingStepOptions): Promise<TrainingStep> {
  const { backend, weights, trainable = () => true, averageDecay } = options;
  const groups: readonly ParameterGroup[] = 'update' in options.optimizer ? [{ optimizer: options.optimizer }] : options.optimizer;
  const parameters = namedParameters(model);
  const trained = new Map([...parameters].filter(([name]) => trainable(name)));
  if (trained.size === 0)
    throw new TrainingError({
      code: 'TRAIN_NOTHING',
      message: 'no parameter is trainable.',
      fix: "Check the model and the 'trainable' filter.",
    });
  checkStartValues(parameters, weights);
  checkBounds(options.bounds ?? {}, parameters);

  const batch = Object.fromEntries(Object.entries(options.batch).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)]));
  const result = options.loss(batch);
  const { loss, metrics } = 'loss' in result ? result : { loss: result, metrics: {} };
  const assigned = assignGroups(groups, trained);
  const updated = updates(options, trained, assigned, loss);
  const reported = { loss, ...metrics };
  const graph = emitOnnx({
    outputs: { ...Object.fromEntries(Object.entries(reported).map(([name, value]) => [`metric/${name}`, value])), ...updated },
    parameters: new Map([...parameters].map(([name, node]) => [node, name])),
    weights: new Map([...weights].filter(([name]) => !trained.has(name))),
  });
  const program = await backend.compile(graph);
  const inputs = new Set(program.inputNames);
  const metricNames = Object.keys(reported).map((name) => `metric/${name}`);

  const stateDims = new Map<string, readonly number[]>();
  for (const [name, { dims }] of trained) {
    stateDims.set(name, dims);
    for (const slot of assigned.get(name)!.optimizer.slots) stateDims.set(slotName(slot, name), dims);
    if (averageDecay !== undefined) stateDims.set(averageName(name), dims);
  }
  let current: Record<string, Tensor> = {};
  let next: Record<string, Tensor> = {};
  const fillState = (start: (key: string, count: number) => Float32Array): void => {
    for (const [key, dims] of stateDims) {
      const count = dims.reduce((n, dim) => n * dim, 1);
      current[key] = backend.tensor({ type: 'float32', dims, data: start(key, count).slice() });
      next[key] = backend.tensor({ type: 'float32', dims, data: new Float32Array(count) });
    }
  };
  fillState((key, count) => weights.get(key.replace(/^average\//, ''))?.data ?? new Float32Array(count));

  let released = false;
  const refuseReleased = () => {
    if (released) throw releasedError();
  };
  const read = async (keys: Iterable<string>) => {
    refuseReleased();
    const out = new Map<string, TensorLike<'float32'>>();
    for (const key of keys)
      out.set(key, { type: 'float32', dims: stateDims.get(key)!, data: (await current[key]!.read()) as Float32Array });
    return out;
  };

  return {
    async run(fed, step, steps) {
      refuseReleased();
      checkBatch(fed, options.batch, step);
      const feeds: Record<string, Tensor | TensorLike> = { ...fed, ...current };
      const feedScalar = (name: string, value: number) => {
        feeds[name] = { type: 'float32', dims: [], data: Float32Array.of(value) };
      };
      groups.forEach(({ optimizer }, group) => {
        const rate = learningRateAt(optimizer.learningRate, step, steps);
        for (const [name, value] of Object.entries(optimizer.scalarsAt(step, rate))) feedScalar(scalarName(group, name), value);
      });
      // The average follows closely at first, when the weights move fast.
      if (averageDecay !== undefined) feedScalar(averageRateName, 1 - Math.min(averageDecay, (1 + step) / (10 + step)));
      for (const name of Object.keys(feeds)) if (!inputs.has(name)) delete feeds[name];
      const out = Object.fromEntries(Object.entries(next).map(([key, tensor]) => [nextName(key), tensor]));
      const results = await program.run(feeds, out, [...metricNames, ...Object.keys(out)]);
      [current, next] = [next, current];
      const report: Record<string, number> = {};
      for (const name of metricNames) {
        report[name.slice('metric/'.length)] = Number((await results[name]!.read())[0]);
        results[name]!.dispose();
      }
      return report;
    },
    async weights({ averaged = averageDecay !== undefined } = {}) {
      const values = await read([...trained.keys()].map((name) => (averaged ? averageName(name) : name)));
      return new Map([...parameters.keys()].map((name) => [name, values.get(averaged ? averageName(name) : name) ?? weights.get(name)!]));
    },
    state: () => read(stateDims.keys()),
    restore(state) {
      refuseReleased();
      checkState(stateDims, state);
      for (const tensor of [...Object.values(current), ...Object.values(next)]) tensor.dispose();
      fillState((key) => state.get(key)!.data);
    },
    async release() {
      released = true;
      for (const tensor of [...Object.values(current), ...Object.values(next)]) tensor.dispose();
      current = next = {};
      await program.release();
    },
  };
}
