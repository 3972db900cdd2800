import { formatDims, sameDims } from './dims.js';
import { isFloat } from './dtypes.js';
import { AutogradError, shapeError } from './errors.js';
import { type Expr, requireExpr, topologicalOrder } from './expr.js';
import { cast } from './ops/cast.js';
import { constant } from './ops/leaf.js';
import { expand } from './ops/shape.js';
import { sumGradients } from './ops/slice.js';

/**
 * The gradients of a scalar with respect to each of `targets`, as new expressions (reverse mode).
 * A target that the scalar does not depend on gets zeros.
 * Throws AUTOGRAD_SHAPE for a loss that is not one float32 number, AUTOGRAD_TYPE for a target of integers, and AUTOGRAD_NOT_DIFFERENTIABLE.
 */
export function gradients(scalar: Expr, targets: readonly Expr[]): Expr[] {
  requireExpr('gradients', scalar, 0);
  if (scalar.dims.some((dim) => dim !== 1) || scalar.type !== 'float32')
    throw shapeError(
      'gradients',
      `the loss is ${scalar.type} ${formatDims(scalar.dims)}.`,
      'Reduce it to one float32 number, for example with mean().',
    );
  targets.forEach((target, i) => {
    requireExpr('gradients', target, i + 1);
    const { type, dims } = target;
    if (!isFloat(type))
      throw new AutogradError({
        code: 'AUTOGRAD_TYPE',
        message: `gradients: target ${i} is ${type} ${formatDims(dims)}.`,
        fix: 'Only floating-point values have gradients: take the embedding or the float32 value that is made of it.',
      });
  });
  const seed = constant({ type: 'float32', dims: scalar.dims as number[], data: new Float32Array([1]) });
  return backpropagate(scalar, seed, targets).map((own, i) => own ?? cast(expand(constant(0), targets[i]!.dims), targets[i]!.type));
}

/**
 * Carries the gradient `seed` of `root` back to `targets`; undefined for those that none reaches. Nothing flows past a node of `boundary`: what
 * lies before it is another's to differentiate.
 */
export function backpropagate(
  root: Expr,
  seed: Expr,
  targets: readonly Expr[],
  boundary: ReadonlySet<Expr> = new Set(),
): (Expr | undefined)[] {
  const order = topologicalOrder([root]);
  const wanted = new Set(targets);
  // Only nodes on a path from a target to the root need a gradient.
  const needs = new Set<Expr>();
  for (const node of order) if (wanted.has(node) || node.inputs.some((input) => needs.has(input))) needs.add(node);

  const received = new Map<Expr, Expr[]>();
  const total = new Map<Expr, Expr>();
  received.set(root, [seed]);
  for (const node of order.reverse()) {
    const parts = received.get(node);
    if (parts === undefined) continue;
    const g = sumGradients(parts);
    total.set(node, g);
    if (boundary.has(node) || !node.inputs.some((input) => needs.has(input))) continue;
    if (node.op.gradient === undefined)
      throw new AutogradError({
        code: 'AUTOGRAD_NOT_DIFFERENTIABLE',
        message: `operator '${node.op.name}' has no gradient.`,
        fix: 'Pass its input through stopGradient() if none should flow.',
      });
    node.op.gradient(node, g).forEach((own, i) => {
      const input = node.inputs[i]!;
      if (own === undefined || !needs.has(input)) return;
      if (!sameDims(own.dims, input.dims))
        throw shapeError(node.op.name, `gradient ${formatDims(own.dims)} for an input ${formatDims(input.dims)}.`);
      const earlier = received.get(input);
      if (earlier === undefined) received.set(input, [own]);
      else earlier.push(own);
    });
  }
  return targets.map((target) => total.get(target));
}
