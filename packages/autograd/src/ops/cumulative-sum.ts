import { normalizeAxis, stridesOf } from '../dims.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';

export interface CumulativeSumOptions {
  /** Each sum leaves out its own element. Default false. */
  readonly exclusive?: boolean;
  /** Sums run from the end. Default false. */
  readonly reverse?: boolean;
}

interface CumulativeSumAttributes extends Required<CumulativeSumOptions> {
  readonly axis: number;
}

const cumulativeSumOp: Op<CumulativeSumAttributes> = {
  name: 'cumulativeSum',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference([x], { axis, exclusive, reverse }) {
    const step = stridesOf(x!.dims)[axis]!;
    const size = x!.dims[axis]!;
    const data = new Float64Array(x!.data.length);
    for (let start = 0; start < data.length; start += size * step)
      for (let k = 0; k < step; k++) {
        let total = 0;
        for (let i = 0; i < size; i++) {
          const at = start + (reverse ? size - 1 - i : i) * step + k;
          data[at] = exclusive ? total : total + x!.data[at]!;
          total += x!.data[at]!;
        }
      }
    return { ...x!, data };
  },
  emit: (emitter, [x], { axis, exclusive, reverse }) =>
    emitter.node('CumSum', [x!, emitter.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(axis)) })], {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    }),
  gradient: (node, g) => [makeExpr(cumulativeSumOp, [g], { ...node.attributes, reverse: !node.attributes.reverse })],
};

/** Running sums along `axis`. */
export function cumulativeSum(x: Expr, axis = -1, { exclusive = false, reverse = false }: CumulativeSumOptions = {}): Expr {
  requireExpr('cumulativeSum', x);
  return makeExpr(cumulativeSumOp, [x], { axis: normalizeAxis('cumulativeSum', axis, x.dims.length), exclusive, reverse });
}
