import { type Expr, makeExpr, type Op } from '../expr.js';
import { add, less, mul, where } from './elementwise.js';

const eluOp: Op<{ readonly alpha: number }> = {
  name: 'elu',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x], { alpha }) => ({ ...x!, data: x!.data.map((value) => (value > 0 ? value : alpha * Math.expm1(value))) }),
  emit: (emitter, [x], { alpha }) => emitter.node('Elu', [x!], { alpha: { float: alpha } }),
  gradient: (node, g) => [where(less(0, node.inputs[0]!), g, mul(g, add(node, node.attributes.alpha)))],
};

/** x above 0, alpha · (eˣ − 1) below (Clevert et al. 2015, arXiv 1511.07289). */
export function elu(x: Expr, alpha = 1): Expr {
  return makeExpr(eluOp, [x], { alpha });
}

const leakyReluOp: Op<{ readonly slope: number }> = {
  name: 'leakyRelu',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x], { slope }) => ({ ...x!, data: x!.data.map((value) => (value > 0 ? value : slope * value)) }),
  emit: (emitter, [x], { slope }) => emitter.node('LeakyRelu', [x!], { alpha: { float: slope } }),
  gradient: (node, g) => [where(less(0, node.inputs[0]!), g, mul(g, node.attributes.slope))],
};

/** x above 0, slope · x below. */
export function leakyRelu(x: Expr, slope = 0.01): Expr {
  return makeExpr(leakyReluOp, [x], { slope });
}
