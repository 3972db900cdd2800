import type { Expr, Op } from '../expr.js';
import { exp, mul, sub } from './elementwise.js';
import { forEachReduced, type ReduceAttributes, reduce, reducedDims, reduceReference, restoreAxes } from './reduce.js';

const logSumExpOp: Op<ReduceAttributes> = {
  name: 'logSumExp',
  operands: 'float',
  infer: ([x], attributes) => ({ type: x!.type, dims: reducedDims(x!.dims, attributes) }),
  reference([x], attributes) {
    const peak = reduceReference(x!, attributes, Number.NEGATIVE_INFINITY, Math.max);
    const total = new Float64Array(peak.data.length);
    forEachReduced(x!, attributes.axes, (at, value) => {
      total[at]! += Math.exp(value - peak.data[at]!);
    });
    return { ...peak, data: peak.data.map((value, i) => (Number.isFinite(value) ? value + Math.log(total[i]!) : value)) };
  },
  // The runtime subtracts the largest value first, so nothing overflows.
  emit: (emitter, [x], { axes, keepDims }) => emitter.node('ReduceLogSumExp', [x!], { axes, keepdims: Number(keepDims) }),
  gradient: (node, g) => {
    const [x] = node.inputs;
    const shares = exp(sub(x!, restoreAxes(node, x!, node.attributes)));
    return [mul(shares, restoreAxes(g, x!, node.attributes))];
  },
};

/** ln Σ eˣ over `axes` (default: all), without overflow. */
export function logSumExp(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(logSumExpOp, x, axes, keepDims);
}
