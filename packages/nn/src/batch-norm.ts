import { type Expr, ops } from '@polymodal/autograd';
import { ones, zeros } from './initialize.js';
import { configError } from './model-errors.js';
import { buffer, type Layer, layer } from './module.js';
import { trainingScope } from './training-scope.js';

export interface BatchNormOptions {
  /** Default 1e-5. */
  readonly epsilon?: number;
  /** How much of the running statistics each batch replaces; default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalisation of [batch, channels, …] (Ioffe and Szegedy 2015, arXiv 1502.03167), as PyTorch's `BatchNorm1d` to `3d`. Training graphs
 * use the batch's own statistics and move the running ones, also where `weight` and `bias` are frozen; all other graphs, and what is
 * built by {@link inference}, use the running ones. Throws TrainingError `NN_CONFIG` for a number that cannot be meant, and in a training graph
 * AutogradError `AUTOGRAD_SHAPE` for one value per channel.
 */
export function batchNorm(channels: number, { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {}): Layer {
  const refuse = (what: string, wanted: string) => configError(`batchNorm: ${what}.`, `Pass ${wanted}, or leave it out.`);
  if (!(Number.isFinite(epsilon) && epsilon >= 0)) throw refuse(`epsilon is ${epsilon}`, 'a number of at least 0');
  if (!(Number.isFinite(momentum) && momentum >= 0 && momentum <= 1)) throw refuse(`momentum is ${momentum}`, 'a share from 0 to 1');
  const weight = ops.parameter([channels], ones);
  const bias = ops.parameter([channels], zeros);
  const [mean, variance] = [buffer([channels], zeros), buffer([channels], ones)];
  const forward = (x: Expr): Expr => {
    const scope = trainingScope();
    if (scope === undefined) return ops.batchNorm(x, weight, bias, { mean, variance }, epsilon);
    const batch = ops.batchStatistics(x);
    const next = ops.updateStatistics({ mean: scope.read(mean), variance: scope.read(variance) }, batch, { momentum });
    scope.write(mean, next.mean);
    scope.write(variance, next.variance);
    return ops.batchNorm(x, weight, bias, batch, epsilon);
  };
  // PyTorch counts the batches, for a mode of averaging that is not here.
  return Object.assign(layer({ weight, bias, running_mean: mean, running_var: variance }, forward), {
    files: { ignored: ['num_batches_tracked'] },
  });
}
