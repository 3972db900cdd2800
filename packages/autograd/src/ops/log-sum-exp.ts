import type { Expr, Op } from '../expr.js';
import { exp, mul, sub } from './elementwise.js';
import { emitNumber } from './leaf.js';
import { forEachReduced, type ReduceAttributes, reduce, reducedDims, reduceReference, restoreAxes } from './reduce.js';

const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

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
  // Not ReduceLogSumExp, which overflows on WebGPU. Infinities are held off, since their difference would be NaN.
  emit(emitter, [x], { axes, keepDims }, { type }) {
    const largest = type === 'float64' ? Number.MAX_VALUE : largestFloat32;
    const peak = emitter.node('Clip', [
      emitter.node('ReduceMax', [x!], { axes, keepdims: 1 }),
      emitNumber(emitter, -largest, type),
      emitNumber(emitter, largest, type),
    ]);
    const shares = emitter.node('Exp', [emitter.node('Sub', [x!, peak])]);
    const total = emitter.node('Log', [emitter.node('ReduceSum', [shares, emitter.int64s(axes)], { keepdims: 1 })]);
    const sum = emitter.node('Add', [total, peak]);
    return keepDims ? sum : emitter.node('Squeeze', [sum, emitter.int64s(axes)]);
  },
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
