import { type Expr, emitOnnx, gradients, ops, type Parameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { isBuffer, type Module, namedParameters } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { checkBounds, checkReported, checkStartValues, splitShape } from './training-checks.js';
import { buildForTraining, buildGradients } from './training-scope.js';
import type { BatchExpr, BatchShape, Loss, TrainingStepOptions } from './training-step.js';

/** The expressions of a run, from which its programs are emitted. */
export interface TrainingGraph {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly trained: ReadonlyMap<string, Parameter>;
  readonly groups: readonly ParameterGroup[];
  /** The buffers that the loss gives new values, which they hold in the next step or micro-batch. */
  readonly buffers: ReadonlyMap<string, Expr>;
  /** Dims of what stays resident, by name: weights, optimiser slots, buffers, averages. */
  readonly stateDims: ReadonlyMap<string, readonly number[]>;
  /** The loss and the metrics of a micro-batch. */
  readonly reported: Readonly<Record<string, Expr>>;
  /** Of the loss, in the order of `trained`. */
  readonly gradients: readonly Expr[];
  readonly assigned: ReadonlyMap<string, { readonly optimizer: Optimizer; readonly group: number }>;
}

export const slotName = (slot: string, name: string) => `${slot}/${name}`;
export const averageName = (name: string) => `average/${name}`;
/** A graph's output cannot share its input's name. */
export const nextName = (key: string) => `next/${key}`;
export const scalarName = (group: number, name: string) => `scalar/${group}/${name}`;
export const averageRateName = 'scalar/average';
/** True in the first micro-batch of a step. */
export const firstName = 'scalar/first';
export const gradientName = (name: string) => `gradient/${name}`;
export const metricName = (name: string) => `metric/${name}`;
export const gradientNormName = 'gradientNorm';

/** The loss and the metrics for a batch of this shape. */
export function reportedFor(shape: BatchShape, loss: (batch: BatchExpr) => Loss): Record<string, Expr> & { readonly loss: Expr } {
  const batch = Object.fromEntries(Object.entries(shape).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)]));
  const result = loss(batch);
  if (!('loss' in result)) return { loss: result };
  checkReported(Object.keys(result.metrics));
  return { loss: result.loss, ...result.metrics };
}

/** Global-norm clipping, as PyTorch's `clip_grad_norm_`. */
function clip(all: readonly Expr[], limit: number): { readonly norm: Expr; readonly clipped: Expr[] } {
  const norm = ops.sqrt(all.map((g) => ops.sum(ops.mul(g, g))).reduce((a, b) => ops.add(a, b)));
  const factor = ops.minimum(ops.div(limit, ops.add(norm, 1e-6)), 1);
  return { norm, clipped: all.map((g) => ops.mul(g, factor)) };
}

/** Which optimiser moves each trained parameter, and the index of its group. */
function assignGroups(groups: readonly ParameterGroup[], trained: ReadonlyMap<string, Parameter>): TrainingGraph['assigned'] {
  return new Map(
    [...trained].map(([name, { dims }]) => {
      const group = groups.findIndex(({ match = () => true }) => match(name, dims));
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

/** Builds loss and gradients. Throws {@link TrainingError} where model, options and start values do not fit together. */
export function trainingGraph(model: Module, options: TrainingStepOptions): TrainingGraph {
  const { trainable = () => true, averageDecay, microBatches = 1, seed = 0 } = options;
  const groups: readonly ParameterGroup[] = 'update' in options.optimizer ? [{ optimizer: options.optimizer }] : options.optimizer;
  const parameters = namedParameters(model);
  const trained = new Map([...parameters].filter(([name, leaf]) => trainable(name) && !isBuffer(leaf)));
  if (trained.size === 0)
    throw new TrainingError({
      code: 'TRAIN_NOTHING',
      message: 'no parameter is trainable.',
      fix: "Check the model and the 'trainable' filter.",
    });
  checkStartValues(parameters, options.weights);
  checkBounds(options.bounds ?? {}, parameters);
  const { result: reported, written } = buildForTraining(seed, () => reportedFor(splitShape(options.batch, microBatches), options.loss));
  const buffers = new Map([...parameters].flatMap(([name, leaf]) => (written.has(leaf) ? [[name, written.get(leaf)!] as const] : [])));
  const assigned = assignGroups(groups, trained);
  const stateDims = new Map<string, readonly number[]>();
  for (const [name, { dims }] of trained) {
    stateDims.set(name, dims);
    for (const slot of assigned.get(name)!.optimizer.slots) stateDims.set(slotName(slot, name), dims);
    if (averageDecay !== undefined) stateDims.set(averageName(name), dims);
  }
  for (const name of buffers.keys()) {
    const { dims } = parameters.get(name)!;
    stateDims.set(name, dims);
    if (averageDecay !== undefined) stateDims.set(averageName(name), dims);
  }
  const own = buildGradients(() => gradients(reported.loss, [...trained.values()]));
  return { parameters, trained, groups, buffers, stateDims, reported, gradients: own, assigned };
}

/** The update of all parameters from these gradients, and of the averages of these buffers, as named outputs. */
function updates(
  graph: TrainingGraph,
  options: TrainingStepOptions,
  raw: readonly Expr[],
  buffers: TrainingGraph['buffers'],
): Record<string, Expr> {
  const { clipNorm, bounds = {}, averageDecay, decay = (_, dims) => dims.length > 1 } = options;
  const { norm, clipped } = clipNorm === undefined ? { norm: undefined, clipped: raw } : clip(raw, clipNorm);
  const scalars = new Map<string, Expr>();
  const scalar = (name: string): Expr => {
    const known = scalars.get(name) ?? ops.input(name, 'float32', []);
    scalars.set(name, known);
    return known;
  };
  const outputs: Record<string, Expr> = norm === undefined ? {} : { [metricName(gradientNormName)]: norm };
  const follow = (name: string, next: Expr) => {
    if (averageDecay === undefined) return;
    const average = ops.input(averageName(name), 'float32', next.dims);
    outputs[nextName(averageName(name))] = ops.add(average, ops.mul(ops.sub(next, average), scalar(averageRateName)));
  };
  [...graph.trained].forEach(([name, value], i) => {
    const { optimizer, group } = graph.assigned.get(name)!;
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, ops.input(slotName(slot, name), 'float32', value.dims)]));
    const own = Object.fromEntries(optimizer.scalars.map((one) => [one, scalar(scalarName(group, one))]));
    const next = optimizer.update(value, clipped[i]!, slots, own, decay(name, value.dims));
    const range = bounds[name];
    const bounded = range === undefined ? next.value : ops.minimum(ops.maximum(next.value, range[0]), range[1]);
    outputs[nextName(name)] = bounded;
    for (const slot of optimizer.slots) outputs[nextName(slotName(slot, name))] = next.slots[slot]!;
    follow(name, bounded);
  });
  for (const [name, value] of buffers) follow(name, value);
  return outputs;
}

const metricOutputs = (reported: Readonly<Record<string, Expr>>) =>
  Object.fromEntries(Object.entries(reported).map(([name, value]) => [metricName(name), value]));

const bufferOutputs = ({ buffers }: TrainingGraph) => Object.fromEntries([...buffers].map(([name, value]) => [nextName(name), value]));

/** Writes outputs as ONNX: trained parameters and moving buffers are inputs, frozen ones constants. */
export function emitTraining(
  { parameters, stateDims }: Pick<TrainingGraph, 'parameters' | 'stateDims'>,
  { weights }: Pick<TrainingStepOptions, 'weights'>,
  outputs: Readonly<Record<string, Expr>>,
): Uint8Array {
  return emitOnnx({
    outputs,
    parameters: new Map([...parameters].map(([name, node]) => [node, name])),
    weights: new Map([...weights].filter(([name]) => !stateDims.has(name))),
  });
}

/** A whole step: from batch and state to metrics and the next state. */
export function emitWholeStep(graph: TrainingGraph, options: TrainingStepOptions): Uint8Array {
  const next = updates(graph, options, graph.gradients, graph.buffers);
  return emitTraining(graph, options, { ...metricOutputs(graph.reported), ...next, ...bufferOutputs(graph) });
}

/** A micro-batch: adds its share of the gradients to the sums, which start anew in the first, and moves the buffers. */
export function emitGradientStep(graph: TrainingGraph, options: TrainingStepOptions): Uint8Array {
  const { microBatches = 1 } = options;
  const first = ops.input(firstName, 'bool', []);
  const sums = [...graph.trained].map(([name, { dims }], i) => {
    const share = ops.mul(graph.gradients[i]!, 1 / microBatches);
    const before = ops.input(gradientName(name), 'float32', dims);
    return [nextName(gradientName(name)), ops.where(first, share, ops.add(before, share))] as const;
  });
  return emitTraining(graph, options, { ...metricOutputs(graph.reported), ...Object.fromEntries(sums), ...bufferOutputs(graph) });
}

/** The update that follows the micro-batches. */
export function emitUpdateStep(graph: TrainingGraph, options: TrainingStepOptions): Uint8Array {
  const summed = [...graph.trained].map(([name, { dims }]) => ops.input(gradientName(name), 'float32', dims));
  const moved = new Map([...graph.buffers.keys()].map((name) => [name, graph.parameters.get(name)!]));
  return emitTraining(graph, options, updates(graph, options, summed, moved));
}
