import type { Expr, Op } from '../expr.js';
import { cast } from './cast.js';
import { div, equal, mul, where } from './elementwise.js';
import { type ReduceAttributes, reduce, reducedDims, reduceReference, restoreAxes, sum } from './reduce.js';

const productOp: Op<ReduceAttributes> = {
  name: 'product',
  infer: ([x], attributes) => ({ type: x!.type, dims: reducedDims(x!.dims, attributes) }),
  reference: ([x], attributes) => reduceReference(x!, attributes, 1, (all, value) => all * value),
  emit: (emitter, [x], { axes, keepDims }) => emitter.node('ReduceProd', [x!], { axes, keepdims: Number(keepDims) }),
  // An element's gradient is the product of the others: of all but the zeros, and nothing where another zero remains.
  gradient: (node, g) => {
    const [x] = node.inputs as [Expr];
    const { axes } = node.attributes;
    const isZero = equal(x, 0);
    const zeros = sum(cast(isZero, 'float32'), axes, true);
    const rest = product(where(isZero, 1, x), axes, true);
    const others = where(isZero, where(equal(zeros, 1), rest, 0), where(equal(zeros, 0), div(rest, where(isZero, 1, x)), 0));
    return [mul(others, restoreAxes(g, x, node.attributes))];
  },
};

/** Product over `axes` (default: all); its gradient is right beside zeros too. */
export function product(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(productOp, x, axes, keepDims);
}
