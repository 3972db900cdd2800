import type { DType } from '@polymodal/modality-registry';
import { formatDims, sameDims } from '../dims.js';
import { isFloat, requireType, wrap } from '../dtypes.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';

function castReference({ type, data }: Reference, to: DType): Float64Array {
  if (to === 'bool') return data.map((value) => (value !== 0 ? 1 : 0));
  if (isFloat(to)) return data;
  const whole = data.map(Math.trunc);
  // What a float beyond 32 bits becomes is up to the processor; it stays what it is.
  return to === 'int32' && isFloat(type) ? whole : wrap(to, whole);
}

const castOp: Op<{ readonly to: DType }> = {
  name: 'cast',
  infer: ([x], { to }) => ({ type: to, dims: x!.dims }),
  reference: ([x], { to }) => ({
    type: to,
    dims: x!.dims,
    data: castReference(x!, to),
  }),
  emit: (emitter, [x], { to }) => emitter.node('Cast', [x!], { to: { type: to } }),
  gradient: (node, g) => [isFloat(node.inputs[0]!.type) ? cast(g, node.inputs[0]!.type) : undefined],
};

/** Converts the element type; a cast to bool is `x !== 0`. Gradients pass between floating types only. */
export function cast(x: Expr, to: DType): Expr {
  requireExpr('cast', x);
  requireType('cast', to);
  return x.type === to ? x : makeExpr(castOp, [x], { to });
}

const stopGradientOp: Op<undefined> = {
  name: 'stopGradient',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x]) => x!,
  emit: (_, [x]) => x!,
  gradient: () => [undefined],
};

/** The value of `x`, through which no gradient flows. */
export function stopGradient(x: Expr): Expr {
  return makeExpr(stopGradientOp, [x], undefined);
}

interface WithGradientAttributes {
  readonly rule: (g: Expr) => readonly (Expr | undefined)[];
}

const withGradientOp: Op<WithGradientAttributes> = {
  name: 'withGradient',
  infer: ([y]) => ({ type: y!.type, dims: y!.dims }),
  reference: ([y]) => y!,
  emit: (_, [y]) => y!,
  gradient: (node, g) => [undefined, ...node.attributes.rule(g)],
};

/**
 * The value of `y`, whose gradient towards `inputs` is what `rule` says: for functions whose derivative has a cheaper or stabler form
 * than the chain rule finds.
 */
export function withGradient(y: Expr, inputs: readonly Expr[], rule: (g: Expr) => readonly (Expr | undefined)[]): Expr {
  return makeExpr(withGradientOp, [y, ...inputs], { rule });
}

/** The value of `y`, through which the gradient flows to `x` as if it were `x` (Bengio et al. 2013, arXiv 1308.3432). Both have one shape. */
export function straightThrough(y: Expr, x: Expr): Expr {
  requireExpr('straightThrough', y, 0);
  requireExpr('straightThrough', x, 1);
  if (!sameDims(y.dims, x.dims) || y.type !== x.type)
    throw shapeError(
      'straightThrough',
      `the value is ${y.type} ${formatDims(y.dims)}, but its gradient flows to ${x.type} ${formatDims(x.dims)}.`,
      'Both need the same type and shape.',
    );
  return withGradient(y, [x], (g) => [g]);
}

/** Whether a node has the value of its first input, and speaks of gradients alone. */
export function isPassThrough(node: Expr): boolean {
  return node.op === (stopGradientOp as Op) || node.op === (withGradientOp as Op);
}
