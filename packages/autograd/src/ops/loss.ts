import { formatDims, sameDims } from '../dims.js';
import { isFloat } from '../dtypes.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { softplus } from './activations.js';
import { cast, withGradient } from './cast.js';
import { abs, add, and, div, equal, exp, less, lessOrEqual, maximum, mul, neg, not, sqrt, sub, where } from './elementwise.js';
import { range } from './leaf.js';
import { mean, sum } from './reduce.js';
import { expandDims, reshape } from './shape.js';
import { logSoftmax } from './softmax.js';
import { takeAlong } from './take-along.js';

/** [64, 1] and [64] would broadcast to [64, 64] without a word. */
function requireSameShape(op: string, prediction: Expr, target: Expr): void {
  requireExpr(op, prediction, 0);
  requireExpr(op, target, 1);
  if (!sameDims(prediction.dims, target.dims))
    throw shapeError(
      op,
      `${formatDims(prediction.dims)} and ${formatDims(target.dims)} are compared element by element.`,
      'Both need one shape: reshape() or expand() one of them first.',
    );
}

/** mean((prediction − target)²) of two tensors of one shape, a scalar. */
export function meanSquaredError(prediction: Expr, target: Expr): Expr {
  requireSameShape('meanSquaredError', prediction, target);
  const difference = sub(prediction, target);
  return mean(mul(difference, difference));
}

/** 1 at `indices` along a new last axis of size `depth`, else 0: float32. [...] → [..., depth] */
export function oneHot(indices: Expr, depth: number): Expr {
  return cast(equal(expandDims(cast(indices, 'int64'), -1), range(depth)), 'float32');
}

export interface CrossEntropyOptions {
  /** Class indices of this value do not count. Default −100, as PyTorch's. */
  readonly ignoreIndex?: number;
  /** This share of each target is spread evenly over all classes (Szegedy et al. 2015, arXiv 1512.00567), from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Mean cross-entropy of `logits` [..., classes] against class indices [...] or target distributions [..., classes]. Where every index is
 * ignored, it is 0; where one is outside the classes, it is NaN.
 */
export function crossEntropy(logits: Expr, targets: Expr, { ignoreIndex = -100, labelSmoothing = 0 }: CrossEntropyOptions = {}): Expr {
  requireExpr('crossEntropy', logits, 0);
  requireExpr('crossEntropy', targets, 1);
  const classes = logits.dims.at(-1);
  if (typeof classes !== 'number')
    throw shapeError('crossEntropy', `the class axis of ${formatDims(logits.dims)} has no fixed size.`, 'Give [..., classes].');
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1) || !Number.isSafeInteger(ignoreIndex))
    throw new AutogradError({
      code: 'AUTOGRAD_ARGUMENT',
      message: `crossEntropy: labelSmoothing ${labelSmoothing}, ignoreIndex ${ignoreIndex}.`,
      fix: 'The first is a share from 0 to 1, the second a whole number.',
    });
  const soft = isFloat(targets.type);
  if (!sameDims(targets.dims, soft ? logits.dims : logits.dims.slice(0, -1)))
    throw shapeError(
      'crossEntropy',
      `targets ${targets.type} ${formatDims(targets.dims)} for logits ${formatDims(logits.dims)}.`,
      'Give one class index per row of logits, or a distribution of their shape.',
    );
  const smooth = (distribution: Expr): Expr =>
    labelSmoothing === 0 ? distribution : add(mul(distribution, 1 - labelSmoothing), labelSmoothing / classes);
  const logs = logSoftmax(logits); // [..., classes]
  if (soft) return mean(neg(sum(mul(smooth(targets), logs), -1)));

  const indices = cast(targets, 'int64');
  const ignored = equal(indices, ignoreIndex);
  const known = and(lessOrEqual(0, indices), less(indices, classes));
  const places = where(known, indices, 0);
  // Taken, not summed over products with zeros: a logit of −∞ beside it is no matter.
  const taken = reshape(takeAlong(logs, expandDims(places, -1)), indices.dims);
  const spread = labelSmoothing === 0 ? taken : add(mul(taken, 1 - labelSmoothing), mul(sum(logs, -1), labelSmoothing / classes));
  // Softmax less the target: half the work of the chain rule, and nothing is scattered.
  const losses = withGradient(neg(spread), [logits], (g) => [
    mul(expandDims(g, -1), sub(exp(logs), smooth(cast(oneHot(places, classes), logits.type)))),
  ]);
  const counted = where(ignored, 0, where(known, losses, Number.NaN));
  return div(sum(counted), maximum(sum(cast(not(ignored), logits.type)), 1));
}

/** Mean of −(t·ln σ(x) + (1 − t)·ln(1 − σ(x))) for `logits` x and `targets` t in [0, 1] of the same shape, without overflow. */
export function binaryCrossEntropy(logits: Expr, targets: Expr): Expr {
  requireSameShape('binaryCrossEntropy', logits, targets);
  return mean(sub(softplus(logits), mul(targets, logits)));
}

/**
 * Mean of d² / (2·beta) where |d| is below `beta`, of |d| − beta / 2 elsewhere, with d = prediction − target, two tensors of one shape; PyTorch's
 * `smooth_l1_loss`. A `beta` of 0 gives the mean of |d|.
 */
export function smoothL1(prediction: Expr, target: Expr, beta = 1): Expr {
  requireSameShape('smoothL1', prediction, target);
  if (!(beta >= 0))
    throw new AutogradError({ code: 'AUTOGRAD_ARGUMENT', message: `smoothL1: beta is ${beta}.`, fix: 'Give a number from 0 on.' });
  const distance = abs(sub(prediction, target));
  if (beta === 0) return mean(distance);
  return mean(where(less(distance, beta), mul(mul(distance, distance), 0.5 / beta), sub(distance, 0.5 * beta)));
}

/** x / max(‖x‖₂, ε) over the last axis, as PyTorch's `normalize`. */
export function l2Normalize(x: Expr, epsilon = 1e-12): Expr {
  // The bound lies within the root: a root of 0 has no derivative. Squares below the least of float32 would be 0.
  return div(x, sqrt(maximum(sum(mul(x, x), -1, true), Math.max(epsilon ** 2, 2 ** -126))));
}
