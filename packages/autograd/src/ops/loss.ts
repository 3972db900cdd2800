import { formatDims, sameDims } from '../dims.js';
import { shapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { softplus } from './activations.js';
import { cast } from './cast.js';
import { abs, add, div, equal, less, maximum, mul, neg, notEqual, sqrt, sub, where } from './elementwise.js';
import { range } from './leaf.js';
import { mean, sum } from './reduce.js';
import { expandDims } from './shape.js';
import { logSoftmax } from './softmax.js';

/** mean((prediction − target)²), a scalar. */
export function meanSquaredError(prediction: Expr, target: Expr): Expr {
  const difference = sub(prediction, target);
  return mean(mul(difference, difference));
}

/** 1 at `indices` along a new last axis of size `depth`, else 0: float32. [...] → [..., depth] */
export function oneHot(indices: Expr, depth: number): Expr {
  return cast(equal(expandDims(cast(indices, 'int64'), -1), range(depth)), 'float32');
}

export interface CrossEntropyOptions {
  /** Class indices of this value do not count, as PyTorch's −100. */
  readonly ignoreIndex?: number;
  /** This share of each target is spread evenly over all classes (Szegedy et al. 2015, arXiv 1512.00567). Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Mean cross-entropy of `logits` [..., classes] against class indices [...] or target distributions [..., classes]. Where every index is
 * ignored, it is 0.
 */
export function crossEntropy(logits: Expr, targets: Expr, { ignoreIndex, labelSmoothing = 0 }: CrossEntropyOptions = {}): Expr {
  const classes = logits.dims.at(-1)!;
  if (typeof classes === 'string') throw shapeError('crossEntropy', `the class axis of ${formatDims(logits.dims)} has no fixed size.`);
  const hard = targets.type === 'float32' ? targets : oneHot(targets, classes);
  if (!sameDims(hard.dims, logits.dims))
    throw shapeError(
      'crossEntropy',
      `targets ${targets.type} ${formatDims(targets.dims)} for logits ${formatDims(logits.dims)}.`,
      'Give one class index per row of logits, or a distribution of their shape.',
    );
  const distribution = labelSmoothing === 0 ? hard : add(mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  const losses = neg(sum(mul(distribution, logSoftmax(logits)), -1));
  if (ignoreIndex === undefined || targets.type === 'float32') return mean(losses);
  const counted = cast(notEqual(targets, ignoreIndex), 'float32');
  return div(sum(mul(losses, counted)), maximum(sum(counted), 1));
}

/** Mean of −(t·ln σ(x) + (1 − t)·ln(1 − σ(x))) for `logits` x and `targets` t in [0, 1] of the same shape, without overflow. */
export function binaryCrossEntropy(logits: Expr, targets: Expr): Expr {
  return mean(sub(softplus(logits), mul(targets, logits)));
}

/** Mean of d² / (2·beta) where |d| is below `beta`, of |d| − beta / 2 elsewhere, with d = prediction − target; PyTorch's `smooth_l1_loss`. */
export function smoothL1(prediction: Expr, target: Expr, beta = 1): Expr {
  const distance = abs(sub(prediction, target));
  return mean(where(less(distance, beta), mul(mul(distance, distance), 0.5 / beta), sub(distance, 0.5 * beta)));
}

/** x / max(‖x‖₂, ε) over the last axis, as PyTorch's `normalize`. */
export function l2Normalize(x: Expr, epsilon = 1e-12): Expr {
  return div(x, maximum(sqrt(sum(mul(x, x), -1, true)), epsilon));
}
