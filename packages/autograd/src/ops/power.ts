import { type Expr, makeExpr, type Op } from '../expr.js';
import { defineElementwise } from './define-elementwise.js';
import { equal, log, mul, sub, where } from './elementwise.js';
import { emitNumber } from './leaf.js';

const powerOp: Op<{ readonly exponent: number }> = {
  name: 'pow',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x], { exponent }) => ({ ...x!, data: x!.data.map((value) => value ** exponent) }),
  emit: (emitter, [x], { exponent }, { type }) => emitter.node('Pow', [x!, emitNumber(emitter, exponent, type)]),
  gradient: (node, g) => {
    const { exponent } = node.attributes;
    return [exponent === 0 ? undefined : mul(g, mul(pow(node.inputs[0]!, exponent - 1), exponent))];
  },
};

const powerByTensorOp = defineElementwise('pow', {
  arity: 2,
  operands: 'float',
  onnx: 'Pow',
  reference: (a, b) => a! ** b!,
  // 0 where the power is constant: the textbook forms are 0 · ∞ there.
  gradient: ([a, b], g, y) => [
    where(equal(b!, 0), 0, mul(g, mul(b!, pow(a!, sub(b!, 1))))),
    where(equal(a!, 0), 0, mul(mul(g, y), log(a!))),
  ],
});

/** xᵖ, for a number or a tensor p. A tensor exponent needs x ≥ 0 where its gradient is wanted. */
export function pow(x: Expr, exponent: number | Expr): Expr {
  if (typeof exponent !== 'number') return makeExpr(powerByTensorOp, [x, exponent], undefined);
  return exponent === 1 ? x : makeExpr(powerOp, [x], { exponent });
}
