import type { Dims } from '../dims.js';
import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { add, div, mul, sqrt, sub } from './elementwise.js';
import { mean } from './reduce.js';
import { reshape } from './shape.js';

const square = (x: Expr): Expr => mul(x, x);

/** Per-channel numbers [channels] as [channels, 1, …], so that they meet axis 1 of `x`. */
function perChannel(op: string, values: Expr, x: Dims): Expr {
  if (values.dims.length !== 1 || values.dims[0] !== x[1])
    throw shapeError(op, `${formatDims(values.dims)} for an input ${formatDims(x)}.`, 'Give one number per channel, axis 1.');
  return reshape(values, [values.dims[0]!, ...x.slice(2).map(() => 1)]);
}

/**
 * Normalises each group of channels of `x` [batch, channels, …] to mean 0 and variance 1, then scales and shifts each channel
 * (Wu and He 2018, arXiv 1803.08494). `scale` and `bias` are [channels].
 */
export function groupNorm(x: Expr, scale: Expr, bias: Expr, groups: number, epsilon = 1e-5): Expr {
  const channels = x.dims[1];
  if (typeof channels !== 'number' || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw shapeError('groupNorm', `${groups} groups do not divide the channels of ${formatDims(x.dims)}.`, 'Axis 1 holds the channels.');
  const rows = reshape(x, [x.dims[0]!, groups, -1]); // [batch, groups, channels / groups · positions]
  const centred = sub(rows, mean(rows, -1, true));
  const normal = div(centred, sqrt(add(mean(square(centred), -1, true), epsilon)));
  return add(mul(reshape(normal, x.dims), perChannel('groupNorm', scale, x.dims)), perChannel('groupNorm', bias, x.dims));
}

export interface BatchStatistics {
  /** [channels] */
  readonly mean: Expr;
  /** Divided by the count, not by the count less one. [channels] */
  readonly variance: Expr;
}

/** Mean and variance of each channel of `x` [batch, channels, …]. */
export function batchStatistics(x: Expr): BatchStatistics {
  const axes = x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const average = mean(x, axes);
  return { mean: average, variance: mean(square(sub(x, perChannel('batchStatistics', average, x.dims))), axes) };
}

/**
 * Normalises each channel of `x` [batch, channels, …] (Ioffe and Szegedy 2015, arXiv 1502.03167). Without `statistics` it uses those of
 * this batch, as in training; with running ones it is the inference form. `scale` and `bias` are [channels].
 */
export function batchNorm(x: Expr, scale: Expr, bias: Expr, statistics: BatchStatistics = batchStatistics(x), epsilon = 1e-5): Expr {
  const channel = (values: Expr) => perChannel('batchNorm', values, x.dims);
  const factor = div(channel(scale), sqrt(add(channel(statistics.variance), epsilon))); // [channels, 1, …]
  return add(mul(sub(x, channel(statistics.mean)), factor), channel(bias));
}

/** x / √(mean(x²) + ε) · scale over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467). */
export function rmsNorm(x: Expr, scale: Expr, epsilon = 1e-6): Expr {
  return mul(div(x, sqrt(add(mean(square(x), -1, true), epsilon))), scale);
}
