import type { Expr } from '../expr.js';
import { defineElementwise } from './define-elementwise.js';
import { unary } from './elementwise.js';

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

// Steps have no gradient that anything could learn from, so none is defined: a model says what it means by straightThrough() or stopGradient().
const rules = {
  floor: defineElementwise('floor', { arity: 1, operands: 'float', onnx: 'Floor', reference: (x) => Math.floor(x!) }),
  ceil: defineElementwise('ceil', { arity: 1, operands: 'float', onnx: 'Ceil', reference: (x) => Math.ceil(x!) }),
  round: defineElementwise('round', { arity: 1, operands: 'float', onnx: 'Round', reference: (x) => roundHalfToEven(x!) }),
};

/** The largest integer that is not greater; not differentiable, see `straightThrough`. */
export const floor: (x: Expr) => Expr = unary(rules.floor);
/** The smallest integer that is not less; not differentiable, see `straightThrough`. */
export const ceil: (x: Expr) => Expr = unary(rules.ceil);
/** The nearest integer, halves to the even one as in PyTorch; not differentiable, see `straightThrough`. */
export const round: (x: Expr) => Expr = unary(rules.round);
