import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { perChannel } from './batch-norm.js';
import { add, div, mul, sqrt, sub } from './elementwise.js';
import { mean } from './reduce.js';
import { reshape } from './shape.js';

const square = (x: Expr): Expr => mul(x, x);

/**
 * Normalises each group of channels of `x` [batch, channels, …] to mean 0 and variance 1, then scales and shifts each channel
 * (Wu and He 2018, arXiv 1803.08494). `scale` and `bias` are [channels].
 */
export function groupNorm(x: Expr, scale: Expr, bias: Expr, groups: number, epsilon = 1e-5): Expr {
  requireExpr('groupNorm', x);
  const channels = x.dims[1];
  if (typeof channels !== 'number' || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw shapeError('groupNorm', `${groups} groups do not divide the channels of ${formatDims(x.dims)}.`, 'Axis 1 holds the channels.');
  const rows = reshape(x, [x.dims[0]!, groups, -1]); // [batch, groups, channels / groups · positions]
  const centred = sub(rows, mean(rows, -1, true));
  const normal = div(centred, sqrt(add(mean(square(centred), -1, true), epsilon)));
  return add(mul(reshape(normal, x.dims), perChannel('groupNorm', scale, x.dims)), perChannel('groupNorm', bias, x.dims));
}
