import { normalizeAxis, stridesOf } from '../dims.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';

const flipOp: Op<{ readonly axis: number }> = {
  name: 'flip',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference([x], { axis }) {
    const step = stridesOf(x!.dims)[axis]!;
    const size = x!.dims[axis]!;
    return {
      ...x!,
      data: x!.data.map((_, at) => {
        const i = Math.floor(at / step) % size;
        return x!.data[at + (size - 1 - 2 * i) * step]!;
      }),
    };
  },
  // An end far below zero: the slice runs to the first element, whatever the size.
  emit: (emitter, [x], { axis }) =>
    emitter.node('Slice', [x!, emitter.int64s([-1]), emitter.int64s([-(2 ** 31)]), emitter.int64s([axis]), emitter.int64s([-1])]),
  gradient: (node, g) => [flip(g, node.attributes.axis)],
};

/** Reverses the order along `axis`. */
export function flip(x: Expr, axis: number): Expr {
  requireExpr('flip', x);
  return makeExpr(flipOp, [x], { axis: normalizeAxis('flip', axis, x.dims.length) });
}
