import { type Expr, emitOnnx, isParameter, ops, type Parameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { reachable } from './reachable.js';
import { checkReported, embeddingsOf, shown } from './training-checks.js';
import type { Dims, TrainingModel } from './training-model.js';
import { firstName, gradientName, gradientNormName, metricName, nextName } from './training-names.js';
import type { BatchExpr, BatchShape, Loss, TrainingStepOptions } from './training-step.js';
import { updates } from './training-update.js';

/** A graph that a step runs, once or for every part of its batch. */
export interface PlannedProgram {
  readonly outputs: Readonly<Record<string, Expr>>;
  /** What it computes, and the gradients of that: where a number that is not finite is looked for. */
  readonly values: readonly Expr[];
  readonly gradients: ReadonlyMap<string, Expr>;
}

/** One run of a program. */
export interface Stage {
  readonly program: PlannedProgram;
  /** The part of the batch that it is fed; absent: all of it. */
  readonly part?: number;
  /** Resident tensors that it is fed under other names than their own: the latter by the former. */
  readonly feeds?: Readonly<Record<string, string>>;
  /** Resident tensors that take its outputs, by the names of these. */
  readonly writes: Readonly<Record<string, string>>;
  /** Scalars to report; those of parts are averaged. */
  readonly metrics: readonly string[];
}

/** How a step is computed. */
export interface TrainingPlan {
  readonly model: TrainingModel;
  /** What stays resident from step to step. */
  readonly stateDims: Dims;
  /** What is resident within a step. */
  readonly scratchDims: Dims;
  readonly stages: readonly Stage[];
}

/** From outputs to the tensors whose next values they are. */
export const ontoThemselves = (keys: Iterable<string>): Record<string, string> =>
  Object.fromEntries([...keys].map((key) => [nextName(key), key]));
export const nextValues = (values: ReadonlyMap<string, Expr>): Record<string, Expr> =>
  Object.fromEntries([...values].map(([key, value]) => [nextName(key), value]));
export const metricOutputs = (reported: Readonly<Record<string, Expr>>): Record<string, Expr> =>
  Object.fromEntries(Object.entries(reported).map(([name, value]) => [metricName(name), value]));

/** The next values of buffers under their names. */
export const namedBuffers = ({ parameters }: TrainingModel, written: ReadonlyMap<Parameter, Expr>): Map<string, Expr> =>
  new Map([...parameters].flatMap(([name, leaf]) => (written.has(leaf) ? [[name, written.get(leaf)!] as const] : [])));

export const batchInputs = (shape: BatchShape): BatchExpr =>
  Object.fromEntries(Object.entries(shape).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)]));

/** The loss and the metrics by name. */
export function reportedOf(result: Loss): Readonly<Record<string, Expr>> & { readonly loss: Expr } {
  const given = typeof result === 'object' && result !== null && 'loss' in result ? result : { loss: result };
  const { loss, metrics = {} }: Exclude<Loss, Expr> = given;
  checkReported(loss, metrics);
  return { loss, ...metrics };
}

/** The loss of a batch, or a part of one, that one graph takes. */
export function lossOf({ loss, encode }: Pick<TrainingStepOptions, 'loss' | 'encode'>): (batch: BatchExpr) => Loss {
  return (batch) => loss(encode === undefined ? batch : { ...batch, ...embeddingsOf(encode, batch) });
}

/**
 * Writes outputs as ONNX: what stays resident is an input, frozen parameters are constants. Throws {@link TrainingError} `NN_PARAMETER` where
 * they use a parameter that the model does not have.
 */
export function emitTraining(
  { parameters }: Pick<TrainingModel, 'parameters'>,
  stateDims: Dims,
  weights: TrainingStepOptions['weights'],
  outputs: Readonly<Record<string, Expr>>,
): Uint8Array {
  const known = new Set<Expr>(parameters.values());
  for (const node of reachable(Object.values(outputs)))
    if (isParameter(node) && !known.has(node))
      throw new TrainingError({
        code: 'NN_PARAMETER',
        message: `the loss uses a parameter ${shown(node.dims)} that the model does not have.`,
        fix: 'Put the layer that owns it into the tree of the model: layer({ …, head }, forward).',
      });
  return emitOnnx({
    outputs,
    parameters: new Map([...parameters].map(([name, node]) => [node, name])),
    weights: new Map([...weights].filter(([name]) => !stateDims.has(name))),
  });
}

/** Dims of the sums of gradients. */
export const sumDims = ({ trained }: TrainingModel): Dims => new Map([...trained].map(([name, { dims }]) => [gradientName(name), dims]));

/** Outputs that add shares of the gradients to the sums. In the first part these start anew, with `start` where it is given. */
export function addToSums(shares: ReadonlyMap<string, Expr>, start: ReadonlyMap<string, Expr> = new Map()): Record<string, Expr> {
  const first = ops.input(firstName, 'bool', []);
  return Object.fromEntries(
    [...shares].map(([name, share]) => {
      const before = ops.input(gradientName(name), 'float32', share.dims);
      const own = start.get(name);
      return [nextName(gradientName(name)), ops.where(first, own === undefined ? share : ops.add(own, share), ops.add(before, share))];
    }),
  );
}

/** The stage that updates parameters from the sums of their gradients, after these buffers have moved. */
export function updateStage(model: TrainingModel, options: TrainingStepOptions, stateDims: Dims, buffers: ReadonlySet<string>): Stage {
  const sums = [...model.trained].map(([name, { dims }]) => ops.input(gradientName(name), 'float32', dims));
  const moved = new Map([...buffers].map((name) => [name, model.parameters.get(name)!]));
  return {
    program: { outputs: updates(model, options, sums, moved), values: [], gradients: new Map() },
    writes: ontoThemselves([...stateDims.keys()].filter((key) => !buffers.has(key))),
    metrics: normNames(options),
  };
}

/** What an update reports. */
export const normNames = ({ clipNorm }: TrainingStepOptions): readonly string[] => (clipNorm === undefined ? [] : [gradientNormName]);
