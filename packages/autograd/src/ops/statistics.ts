import { normalizeAxis, staticCount } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { withGradient } from './cast.js';
import { div, equal, mul, sqrt, sub, where } from './elementwise.js';
import { mean } from './reduce.js';

/**
 * Variance over `axes` (default: all). It divides by the count less `correction`: 0 gives the variance of these values, 1 (PyTorch's
 * default) the unbiased estimate from a sample.
 */
export function variance(x: Expr, axes?: number | readonly number[], { correction = 0, keepDims = false } = {}): Expr {
  requireExpr('variance', x);
  const centred = sub(x, mean(x, axes, true));
  const biased = mean(mul(centred, centred), axes, keepDims);
  if (correction === 0) return biased;
  const list = axes === undefined ? x.dims.map((_, axis) => axis) : typeof axes === 'number' ? [axes] : axes;
  const counted = [...new Set(list.map((axis) => normalizeAxis('variance', axis, x.dims.length)))].map((axis) => x.dims[axis]!);
  const count = staticCount('variance', counted);
  if (count <= correction)
    throw shapeError('variance', `${count} values with a correction of ${correction}.`, 'Take more values, or a smaller correction.');
  return mul(biased, count / (count - correction));
}

/** The square root of {@link variance}. Where all values are equal it is 0 and has the gradient 0, as PyTorch's `std`. */
export function standardDeviation(
  x: Expr,
  axes?: number | readonly number[],
  options: { correction?: number; keepDims?: boolean } = {},
): Expr {
  const spread = variance(x, axes, options);
  const root = sqrt(spread);
  return withGradient(root, [spread], (g) => {
    const still = equal(root, 0);
    return [where(still, 0, div(mul(g, 0.5), where(still, 1, root)))];
  });
}
