import { AutogradError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import { equal, where } from './elementwise.js';
import { emitNumber } from './leaf.js';

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

const clampOp: Op<Bounds> = {
  name: 'clamp',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x], { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }) => ({
    ...x!,
    data: x!.data.map((value) => Math.min(Math.max(value, minimum), maximum)),
  }),
  emit(emitter, [x], { minimum, maximum }, { type }) {
    // An empty name is ONNX's absent input.
    const bound = (value: number | undefined) => (value === undefined ? '' : emitNumber(emitter, value, type));
    return emitter.node('Clip', [x!, bound(minimum), bound(maximum)]);
  },
  // What touches a bound still moves, as in PyTorch; elsewhere outside, nothing does.
  gradient: (node, g) => [where(equal(node.inputs[0]!, node), g, 0)],
};

/** x, but not below `minimum` and not above `maximum`. */
export function clamp(x: Expr, bounds: Bounds): Expr {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = bounds;
  if (typeof bounds !== 'object' || !(minimum <= maximum))
    throw new AutogradError({
      code: 'AUTOGRAD_ARGUMENT',
      message: `clamp: the bounds are ${typeof bounds === 'object' ? `${minimum} and ${maximum}` : bounds}.`,
      fix: 'Give { minimum, maximum } or one of them; the minimum must not be greater than the maximum.',
    });
  return makeExpr(clampOp, [x], bounds);
}
