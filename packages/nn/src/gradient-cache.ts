import { type Expr, gradients, ops } from '@polymodal/autograd';
import { reachable } from './reachable.js';
import { embeddingsOf, splitShape } from './training-checks.js';
import {
  addToSums,
  batchInputs,
  metricOutputs,
  namedBuffers,
  nextValues,
  ontoThemselves,
  reportedOf,
  sumDims,
  type TrainingPlan,
  updateStage,
} from './training-graph.js';
import { stateDimsOf, type TrainingModel } from './training-model.js';
import { embeddingGradientName, embeddingName, nextName, ownGradientName } from './training-names.js';
import { buildForTraining, buildGradients } from './training-scope.js';
import type { BatchExpr, TrainingStepOptions } from './training-step.js';

type CacheOptions = TrainingStepOptions & Required<Pick<TrainingStepOptions, 'encode'>>;

interface Embedding {
  readonly name: string;
  /** Of a part. */
  readonly dims: readonly number[];
  readonly value: Expr;
}

const input = (name: string, dims: readonly number[]) => ops.input(name, 'float32', dims);

/** Embeddings of a part of the batch. */
function encoder({ seed = 0, batch, encode }: CacheOptions, part: BatchExpr) {
  // In a part of 3 rows a mean over rows [3] looks like one number for each; in the whole batch it does not.
  embeddingsOf(encode, batchInputs(batch));
  const { result, written } = buildForTraining(seed, 'encode', () => embeddingsOf(encode, part));
  const embeddings = Object.entries(result).map(([name, value]): Embedding => ({ name, dims: value.dims as number[], value }));
  return { embeddings, written };
}

/** The loss over the embeddings of all parts, and its gradients at these and at the parameters that it uses itself, by name. */
function head(model: TrainingModel, { seed = 0, batch, loss }: CacheOptions, embeddings: readonly Embedding[], parts: number) {
  const leaves = new Map<string, Expr>();
  const whole: Record<string, Expr> = {};
  for (const { name, dims } of embeddings) {
    const pieces = Array.from({ length: parts }, (_, part) => input(embeddingName(name, part), dims));
    for (const [part, piece] of pieces.entries()) leaves.set(embeddingGradientName(name, part), piece);
    whole[name] = ops.concat(pieces, 0);
  }
  const { result: reported, written } = buildForTraining(seed, 'loss', () => reportedOf(loss({ ...batchInputs(batch), ...whole })));
  const used = reachable([reported.loss]);
  const own = [...model.trained].filter(([, leaf]) => used.has(leaf));
  for (const [name, leaf] of own) leaves.set(ownGradientName(name), leaf);
  const found = buildGradients(() => gradients(reported.loss, [...leaves.values()]));
  return { reported, written, own: own.map(([name]) => name), gradients: new Map([...leaves.keys()].map((key, i) => [key, found[i]!])) };
}

/** Gradients of the parameters from those of a part's embeddings. */
function carriedBack({ trained }: TrainingModel, embeddings: readonly Embedding[]): Map<string, Expr> {
  // The gradient of Σ value · g at the value is g.
  const products = embeddings.map(({ name, dims, value }) => ops.sum(ops.mul(value, input(embeddingGradientName(name), dims))));
  const found = buildGradients(() =>
    gradients(
      products.reduce((a, b) => ops.add(a, b)),
      [...trained.values()],
    ),
  );
  return new Map([...trained.keys()].map((name, i) => [name, found[i]!]));
}

/**
 * Gradient caching (Gao et al. 2021, arXiv 2101.06983): every part is encoded, one graph takes the loss over the embeddings of the whole batch
 * and its gradients at these, then every part is encoded again and carries its gradients back. The encoder is built once, so that both
 * passes draw the same random numbers; its running statistics move in the first.
 */
export function gradientCachePlan(model: TrainingModel, options: CacheOptions, parts: number): TrainingPlan {
  const { embeddings, written } = encoder(options, batchInputs(splitShape(options.batch, parts)));
  const { reported, own, ...loss } = head(model, options, embeddings, parts);
  const back = carriedBack(model, embeddings);
  const ownDims = new Map(own.map((name) => [ownGradientName(name), model.parameters.get(name)!.dims]));
  const sums = sumDims(model);

  const [moved, movedByLoss] = [namedBuffers(model, written), namedBuffers(model, loss.written)];
  const buffers = new Set([...moved.keys(), ...movedByLoss.keys()]);
  const stateDims = stateDimsOf(model, buffers, options.averageDecay !== undefined);

  const values = new Map(embeddings.map(({ name, value }) => [embeddingName(name), value]));
  const forward = { outputs: nextValues(new Map([...values, ...moved])), values: [...values.values()], gradients: new Map() };
  const middle = {
    outputs: { ...metricOutputs(reported), ...nextValues(new Map([...loss.gradients, ...movedByLoss])) },
    values: [reported.loss],
    gradients: loss.gradients,
  };
  const start = new Map(own.map((name) => [name, input(ownGradientName(name), ownDims.get(ownGradientName(name))!)]));
  const backward = { outputs: addToSums(back, start), values: [], gradients: back };

  /** From the names for the part in hand to those of this part. */
  const ofPart = (naming: typeof embeddingName, part: number, under = (name: string) => name) =>
    Object.fromEntries(embeddings.map(({ name }) => [under(naming(name)), naming(name, part)]));
  const each = Array.from({ length: parts }, (_, part) => part);
  const scratchDims = new Map([...sums, ...ownDims]);
  for (const { name, dims } of embeddings)
    for (const part of each) for (const naming of [embeddingName, embeddingGradientName]) scratchDims.set(naming(name, part), dims);

  return {
    model,
    stateDims,
    scratchDims,
    stages: [
      ...each.map((part) => ({
        program: forward,
        part,
        writes: { ...ofPart(embeddingName, part, nextName), ...ontoThemselves(moved.keys()) },
        metrics: [],
      })),
      { program: middle, writes: ontoThemselves([...loss.gradients.keys(), ...movedByLoss.keys()]), metrics: Object.keys(reported) },
      ...each.map((part) => ({
        program: backward,
        part,
        feeds: ofPart(embeddingGradientName, part),
        writes: ontoThemselves(sums.keys()),
        metrics: [],
      })),
      updateStage(model, options, stateDims, buffers),
    ],
  };
}
