import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { cast } from './cast.js';
import { div, equal, maximum, mul, neg, sqrt, sub } from './elementwise.js';
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

/**
 * Mean cross-entropy of `logits` [..., classes] against class indices [...] or target distributions [..., classes].
 */
export function crossEntropy(logits: Expr, targets: Expr): Expr {
  const classes = logits.dims.at(-1)!;
  if (typeof classes === 'string') throw shapeError('crossEntropy', `the class axis of ${formatDims(logits.dims)} has no fixed size.`);
  const distribution = targets.type === 'float32' ? targets : oneHot(targets, classes);
  return neg(mean(sum(mul(distribution, logSoftmax(logits)), -1)));
}

/** x / max(‖x‖₂, ε) over the last axis, as PyTorch's `normalize`. */
export function l2Normalize(x: Expr, epsilon = 1e-12): Expr {
  return div(x, maximum(sqrt(sum(mul(x, x), -1, true)), epsilon));
}
