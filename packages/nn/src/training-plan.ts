import { gradients, ops } from '@polymodal/autograd';
import { gradientCachePlan } from './gradient-cache.js';
import type { Module } from './module.js';
import { namingMissing, splitShape } from './training-checks.js';
import {
  addToSums,
  batchInputs,
  lossOf,
  metricOutputs,
  namedBuffers,
  nextValues,
  normNames,
  ontoThemselves,
  reportedOf,
  sumDims,
  type TrainingPlan,
  updateStage,
} from './training-graph.js';
import { stateDimsOf, type TrainingModel, trainingModel } from './training-model.js';
import { buildForTraining, buildGradients } from './training-scope.js';
import type { TrainingStepOptions } from './training-step.js';
import { updates } from './training-update.js';

/** Loss and gradients of a part, and what to do with them. */
function lossPlan(model: TrainingModel, options: TrainingStepOptions, parts: number): TrainingPlan {
  const { seed = 0, averageDecay } = options;
  const batch = batchInputs(splitShape(options.batch, parts));
  const { result: reported, written } = buildForTraining(seed, 'step', () => reportedOf(namingMissing(lossOf(options), batch, 'step 1')));
  const raw = buildGradients(() => gradients(reported.loss, [...model.trained.values()]));
  const byName = new Map([...model.trained.keys()].map((name, i) => [name, raw[i]!]));
  const buffers = namedBuffers(model, written);
  const stateDims = stateDimsOf(model, buffers.keys(), averageDecay !== undefined);

  const forward = { ...metricOutputs(reported), ...nextValues(buffers) };
  const looked = { values: [reported.loss], gradients: byName };
  const metrics = Object.keys(reported);
  if (parts === 1) {
    // An update in a graph of its own takes a tenth more time for the step of a small transformer.
    const program = { outputs: { ...forward, ...updates(model, options, raw, buffers) }, ...looked };
    const stage = { program, writes: ontoThemselves(stateDims.keys()), metrics: [...metrics, ...normNames(options)] };
    return { model, stateDims, scratchDims: new Map(), stages: [stage] };
  }
  const shares = new Map([...byName].map(([name, gradient]) => [name, ops.mul(gradient, 1 / parts)]));
  const program = { outputs: { ...forward, ...addToSums(shares) }, ...looked };
  const scratchDims = sumDims(model);
  const writes = ontoThemselves([...scratchDims.keys(), ...buffers.keys()]);
  const stages = Array.from({ length: parts }, (_, part) => ({ program, part, writes, metrics }));
  return { model, stateDims, scratchDims, stages: [...stages, updateStage(model, options, stateDims, new Set(buffers.keys()))] };
}

/**
 * How a step is computed: by one graph with forward and backward pass and update; with micro-batches by one that adds up gradients and one that
 * updates; with micro-batches and an encoder as {@link gradientCachePlan} says. Throws {@link TrainingError} where model, options and start
 * values do not fit together.
 */
export function trainingPlan(module: Module, options: TrainingStepOptions): TrainingPlan {
  const { microBatches = 1, encode } = options;
  const model = trainingModel(module, options);
  return encode === undefined || microBatches === 1
    ? lossPlan(model, options, microBatches)
    : gradientCachePlan(model, { ...options, encode }, microBatches);
}
