import type { DType, TensorLike } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';
import { cast, stopGradient } from './cast.js';
import { defineElementwise } from './define-elementwise.js';
import { erf as erfReference } from './erf.js';
import { constant } from './leaf.js';

// Hoisted: test runners make globals slow to reach.
const { imul } = Math;

export type Operand = Expr | number;

/** What the integers that a number can stand for hold. */
const integers: Partial<Record<DType, { readonly bits: number; readonly tensor: (value: number) => TensorLike }>> = {
  int64: { bits: 64, tensor: (value) => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) }) },
  int32: { bits: 32, tensor: (value) => ({ type: 'int32', dims: [], data: Int32Array.of(value) }) },
};

/** A number becomes a scalar of the other operand's type. */
function lift(name: string, value: Operand, like: DType): Expr {
  if (typeof value !== 'number') return value;
  if (like === 'float64') return constant({ type: 'float64', dims: [], data: Float64Array.of(value) });
  const whole = integers[like];
  if (whole === undefined) return constant(value);
  const limit = 2 ** (whole.bits - 1);
  if (!Number.isInteger(value) || value < -limit || value >= limit)
    throw new AutogradError({
      code: 'AUTOGRAD_TYPE',
      message: `${name}: the number ${value} with a tensor of ${like}, which cannot hold it.`,
      fix: 'Cast the tensor to float32 first, or give a whole number in its range.',
    });
  return constant(whole.tensor(value));
}

function liftPair(name: string, a: Operand, b: Operand): [Expr, Expr] {
  for (const [i, value] of [a, b].entries()) if (typeof value !== 'number') requireExpr(name, value, i);
  const type = typeof a !== 'number' ? a.type : typeof b !== 'number' ? b.type : 'float32';
  return [lift(name, a, type), lift(name, b, type)];
}

function divideWhole(a: number, b: number): number {
  if (b === 0) throw new AutogradError({ code: 'AUTOGRAD_ARGUMENT', message: 'div: an integer is divided by zero.' });
  return Math.trunc(a / b);
}

const rules = {
  neg: defineElementwise('neg', { arity: 1, operands: 'number', onnx: 'Neg', reference: (x) => -x!, gradient: (_, g) => [neg(g)] }),
  exp: defineElementwise('exp', { arity: 1, operands: 'float', onnx: 'Exp', reference: Math.exp, gradient: (_, g, y) => [mul(g, y)] }),
  log: defineElementwise('log', { arity: 1, operands: 'float', onnx: 'Log', reference: Math.log, gradient: ([x], g) => [div(g, x!)] }),
  sqrt: defineElementwise('sqrt', {
    arity: 1,
    operands: 'float',
    onnx: 'Sqrt',
    reference: Math.sqrt,
    gradient: (_, g, y) => [div(mul(g, 0.5), y)],
  }),
  reciprocal: defineElementwise('reciprocal', {
    arity: 1,
    operands: 'float',
    onnx: 'Reciprocal',
    reference: (x) => 1 / x!,
    gradient: (_, g, y) => [neg(mul(g, mul(y, y)))],
  }),
  abs: defineElementwise('abs', {
    arity: 1,
    operands: 'number',
    onnx: 'Abs',
    reference: Math.abs,
    // The slope is constant on either side: a second derivative passes it by.
    gradient: ([x], g) => [mul(g, stopGradient(sign(x!)))],
  }),
  sign: defineElementwise('sign', {
    arity: 1,
    operands: 'number',
    onnx: 'Sign',
    reference: Math.sign,
    emitInt64(emitter, [x]) {
      const zero = emitter.constant({ type: 'int64', dims: [], data: BigInt64Array.of(0n) });
      const holds = (a: string, b: string) => emitter.node('Cast', [emitter.node('Less', [a, b])], { to: { type: 'int64' } });
      return emitter.node('Sub', [holds(zero, x!), holds(x!, zero)]);
    },
  }),
  sin: defineElementwise('sin', { arity: 1, operands: 'float', onnx: 'Sin', reference: Math.sin, gradient: ([x], g) => [mul(g, cos(x!))] }),
  cos: defineElementwise('cos', {
    arity: 1,
    operands: 'float',
    onnx: 'Cos',
    reference: Math.cos,
    gradient: ([x], g) => [neg(mul(g, sin(x!)))],
  }),
  tanh: defineElementwise('tanh', {
    arity: 1,
    operands: 'float',
    onnx: 'Tanh',
    reference: Math.tanh,
    gradient: (_, g, y) => [mul(g, sub(1, mul(y, y)))],
  }),
  sigmoid: defineElementwise('sigmoid', {
    arity: 1,
    operands: 'float',
    onnx: 'Sigmoid',
    reference: (x) => 1 / (1 + Math.exp(-x!)),
    gradient: (_, g, y) => [mul(g, mul(y, sub(1, y)))],
  }),
  erf: defineElementwise('erf', {
    arity: 1,
    operands: 'float',
    onnx: 'Erf',
    reference: erfReference,
    gradient: ([x], g) => [mul(g, mul(exp(neg(mul(x!, x!))), 2 / Math.sqrt(Math.PI)))],
  }),
  relu: defineElementwise('relu', {
    arity: 1,
    operands: 'float',
    onnx: 'Relu',
    reference: (x) => Math.max(x!, 0),
    // Not sign(y), which takes longer, and which WebGPU has no kernel for.
    gradient: (_, g, y) => [mul(g, cast(less(0, y), y.type))],
  }),
  add: defineElementwise('add', { arity: 2, operands: 'number', onnx: 'Add', reference: (a, b) => a! + b!, gradient: (_, g) => [g, g] }),
  sub: defineElementwise('sub', {
    arity: 2,
    operands: 'number',
    onnx: 'Sub',
    reference: (a, b) => a! - b!,
    gradient: (_, g) => [g, neg(g)],
  }),
  mul: defineElementwise('mul', {
    arity: 2,
    operands: 'number',
    onnx: 'Mul',
    reference: (a, b) => a! * b!,
    narrow: (a, b) => imul(a!, b!),
    gradient: ([a, b], g) => [mul(g, b!), mul(g, a!)],
  }),
  div: defineElementwise('div', {
    arity: 2,
    operands: 'number',
    onnx: 'Div',
    reference: (a, b) => a! / b!,
    whole: (a, b) => divideWhole(a!, b!),
    gradient: ([, b], g, y) => [div(g, b!), neg(div(mul(g, y), b!))],
  }),
  maximum: defineElementwise('maximum', {
    arity: 2,
    operands: 'number',
    onnx: 'Max',
    reference: (a, b) => Math.max(a!, b!),
    emitInt64: (emitter, [a, b]) => emitter.node('Where', [emitter.node('Less', [a!, b!]), b!, a!]),
    gradient: ([a, b], g) => [where(less(a!, b!), 0, g), where(less(a!, b!), g, 0)],
  }),
  minimum: defineElementwise('minimum', {
    arity: 2,
    operands: 'number',
    onnx: 'Min',
    reference: (a, b) => Math.min(a!, b!),
    emitInt64: (emitter, [a, b]) => emitter.node('Where', [emitter.node('Less', [b!, a!]), b!, a!]),
    gradient: ([a, b], g) => [where(less(b!, a!), 0, g), where(less(b!, a!), g, 0)],
  }),
  equal: defineElementwise('equal', { arity: 2, onnx: 'Equal', result: 'bool', reference: (a, b) => (a === b ? 1 : 0) }),
  less: defineElementwise('less', { arity: 2, onnx: 'Less', result: 'bool', reference: (a, b) => (a! < b! ? 1 : 0) }),
  lessOrEqual: defineElementwise('lessOrEqual', { arity: 2, onnx: 'LessOrEqual', result: 'bool', reference: (a, b) => (a! <= b! ? 1 : 0) }),
  not: defineElementwise('not', { arity: 1, operands: 'bool', onnx: 'Not', result: 'bool', reference: (x) => 1 - x! }),
  and: defineElementwise('and', { arity: 2, operands: 'bool', onnx: 'And', result: 'bool', reference: (a, b) => a! * b! }),
  or: defineElementwise('or', { arity: 2, operands: 'bool', onnx: 'Or', result: 'bool', reference: (a, b) => Math.max(a!, b!) }),
  where: defineElementwise('where', {
    arity: 3,
    onnx: 'Where',
    reference: (condition, a, b) => (condition !== 0 ? a! : b!),
    gradient: ([condition], g) => [undefined, where(condition!, g, 0), where(condition!, 0, g)],
  }),
};

/** The function of an operator of one tensor. */
export const unary =
  (op: Op<undefined>) =>
  (x: Expr): Expr =>
    makeExpr(op, [x], undefined);
const binary =
  (op: Op<undefined>) =>
  (a: Operand, b: Operand): Expr =>
    makeExpr(op, liftPair(op.name, a, b), undefined);

/** −x */
export const neg: (x: Expr) => Expr = unary(rules.neg);
/** eˣ */
export const exp: (x: Expr) => Expr = unary(rules.exp);
/** Natural logarithm. */
export const log: (x: Expr) => Expr = unary(rules.log);
export const sqrt: (x: Expr) => Expr = unary(rules.sqrt);
/** 1 / x */
export const reciprocal: (x: Expr) => Expr = unary(rules.reciprocal);
export const abs: (x: Expr) => Expr = unary(rules.abs);
/** −1, 0 or 1; not differentiable. */
export const sign: (x: Expr) => Expr = unary(rules.sign);
export const sin: (x: Expr) => Expr = unary(rules.sin);
export const cos: (x: Expr) => Expr = unary(rules.cos);
export const tanh: (x: Expr) => Expr = unary(rules.tanh);
/** 1 / (1 + e⁻ˣ) */
export const sigmoid: (x: Expr) => Expr = unary(rules.sigmoid);
/** The Gauss error function. */
export const erf: (x: Expr) => Expr = unary(rules.erf);
/** max(x, 0); its gradient at 0 is 0. */
export const relu: (x: Expr) => Expr = unary(rules.relu);
/** Logical negation of a bool tensor. */
export const not: (x: Expr) => Expr = unary(rules.not);
export const add: (a: Operand, b: Operand) => Expr = binary(rules.add);
export const sub: (a: Operand, b: Operand) => Expr = binary(rules.sub);
export const mul: (a: Operand, b: Operand) => Expr = binary(rules.mul);
export const div: (a: Operand, b: Operand) => Expr = binary(rules.div);
/** The larger of two; a tie sends the whole gradient to the first. */
export const maximum: (a: Operand, b: Operand) => Expr = binary(rules.maximum);
/** The smaller of two; a tie sends the whole gradient to the first. */
export const minimum: (a: Operand, b: Operand) => Expr = binary(rules.minimum);
export const equal: (a: Operand, b: Operand) => Expr = binary(rules.equal);
export const less: (a: Operand, b: Operand) => Expr = binary(rules.less);
export const lessOrEqual: (a: Operand, b: Operand) => Expr = binary(rules.lessOrEqual);
export const greater = (a: Operand, b: Operand): Expr => less(b, a);
export const greaterOrEqual = (a: Operand, b: Operand): Expr => lessOrEqual(b, a);
export const notEqual = (a: Operand, b: Operand): Expr => not(equal(a, b));
export const and: (a: Expr, b: Expr) => Expr = binary(rules.and);
export const or: (a: Expr, b: Expr) => Expr = binary(rules.or);

/** `a` where `condition` (bool) holds, else `b`; all three broadcast. */
export function where(condition: Expr, a: Operand, b: Operand): Expr {
  requireExpr('where', condition, 0);
  if (condition.type !== 'bool') return where(cast(condition, 'bool'), a, b);
  return makeExpr(rules.where, [condition, ...liftPair('where', a, b)], undefined);
}
