import { type Dims, formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';
import { add, div, maximum, mul, neg, sqrt, sub } from './elementwise.js';
import { constant } from './leaf.js';
import { mean, sum } from './reduce.js';
import { expand, reshape } from './shape.js';

/** Per-channel numbers [channels] as [channels, 1, …], so that they meet axis 1 of `x`. */
export function perChannel(op: string, values: Expr, x: Dims): Expr {
  if (values.dims.length !== 1 || values.dims[0] !== x[1])
    throw shapeError(op, `${formatDims(values.dims)} for an input ${formatDims(x)}.`, 'Give one number per channel, axis 1.');
  return reshape(values, [values.dims[0]!, ...x.slice(2).map(() => 1)]);
}

const allButChannels = (x: Expr): number[] => x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));

export interface BatchStatistics {
  /** [channels] */
  readonly mean: Expr;
  /** Divided by the count, not by the count less one. [channels] */
  readonly variance: Expr;
}

export interface MeasuredStatistics extends BatchStatistics {
  /** How many elements of each channel entered; a scalar. */
  readonly count: Expr;
}

/**
 * Mean and variance of each channel of `x` [batch, channels, …]. With a `mask`, 1 where an element counts and 0 where it is padding, which
 * broadcasts over `x` ([batch, 1, length]), only what counts enters. Throws where every channel has one value: its mean is that value, and what is
 * normalised by it is 0 whatever was fed.
 */
export function batchStatistics(x: Expr, mask?: Expr): MeasuredStatistics {
  requireExpr('batchStatistics', x);
  const axes = allButChannels(x);
  const values = axes.reduce((n, axis) => (typeof x.dims[axis] === 'number' ? n * (x.dims[axis] as number) : Number.NaN), 1);
  if (values <= 1)
    throw shapeError(
      'batchStatistics',
      `${formatDims(x.dims)} has ${values} values per channel.`,
      'Give at least 2, or running statistics.',
    );
  const one = x.dims.map((dim, axis) => (axis === 1 ? 1 : dim));
  const count = sum(expand(mask ?? constant(1), one));
  const spread = (average: Expr) => sub(x, perChannel('batchStatistics', average, x.dims));
  if (mask === undefined) {
    const average = mean(x, axes);
    const centred = spread(average);
    return { mean: average, variance: mean(mul(centred, centred), axes), count };
  }
  const average = div(sum(mul(x, mask), axes), count);
  const centred = mul(spread(average), mask);
  return { mean: average, variance: div(sum(mul(centred, centred), axes), count), count };
}

/**
 * Running statistics after one more batch, for inference later: (1 − momentum) · running + momentum · batch, the variance corrected to an
 * estimate from a sample, as PyTorch's `BatchNorm`.
 */
export function updateStatistics(running: BatchStatistics, batch: MeasuredStatistics, { momentum = 0.1 } = {}): BatchStatistics {
  const blend = (old: Expr, next: Expr) => add(mul(old, 1 - momentum), mul(next, momentum));
  const correction = div(batch.count, maximum(sub(batch.count, 1), 1));
  return { mean: blend(running.mean, batch.mean), variance: blend(running.variance, mul(batch.variance, correction)) };
}

const batchNormOp: Op<{ readonly epsilon: number }> = {
  name: 'batchNorm',
  operands: 'float',
  infer([x, ...numbers]) {
    for (const values of numbers) perChannel('batchNorm', values, x!.dims);
    return { type: x!.type, dims: x!.dims };
  },
  reference([x, scale, bias, average, variance], { epsilon }) {
    const plane = x!.dims.slice(2).reduce((n, dim) => n * dim, 1);
    const data = x!.data.map((value, i) => {
      const channel = Math.floor(i / plane) % x!.dims[1]!;
      return (
        ((value - average!.data[channel]!) / Math.sqrt(variance!.data[channel]! + epsilon)) * scale!.data[channel]! + bias!.data[channel]!
      );
    });
    return { ...x!, data };
  },
  // One pass, where the composition has three; runtimes fold it into a convolution before it.
  emit: (emitter, inputs, { epsilon }) => emitter.node('BatchNormalization', inputs, { epsilon: { float: epsilon } }),
  gradient: (node, g) => {
    const [x, scale, , average, variance] = node.inputs as [Expr, Expr, Expr, Expr, Expr];
    const channel = (values: Expr) => perChannel('batchNorm', values, x.dims);
    const axes = allButChannels(x);
    const root = sqrt(add(variance, node.attributes.epsilon)); // [channels]
    const total = sum(g, axes); // [channels]
    const along = div(sum(mul(g, sub(x, channel(average))), axes), root); // [channels]
    return [
      mul(g, channel(div(scale, root))),
      along,
      total,
      neg(mul(total, div(scale, root))),
      mul(div(mul(along, scale), mul(root, root)), -0.5),
    ];
  },
};

/**
 * Normalises each channel of `x` [batch, channels, …] (Ioffe and Szegedy 2015, arXiv 1502.03167). Without `statistics` it uses those of
 * this batch, as in training; with running ones it is the inference form. `scale` and `bias` are [channels].
 */
export function batchNorm(x: Expr, scale: Expr, bias: Expr, statistics?: BatchStatistics, epsilon = 1e-5): Expr {
  const { mean: average, variance } = statistics ?? batchStatistics(x);
  return makeExpr(batchNormOp, [x, scale, bias, average, variance], { epsilon });
}
