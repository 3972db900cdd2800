import { type Expr, topologicalOrder } from '../expr.js';
import type { MatmulOptions } from '../ops/matmul.js';

/** The axis of output channels, where a node multiplies with a matrix that is a parameter. */
function weightOf(node: Expr): readonly [weight: Expr, axis: number] | undefined {
  const weight = node.inputs[1];
  if (weight?.op.name !== 'parameter' || weight.dims.length !== 2) return undefined;
  if (node.op.name === 'linear') return [weight, 0];
  if (node.op.name !== 'matmul') return undefined;
  const { transposeA, transposeB } = node.attributes as MatmulOptions;
  return transposeA ? undefined : [weight, transposeB ? 0 : 1];
}

/**
 * The parameters that something is multiplied with, and the axis of their output channels, which a scale per channel must lie along for
 * products of integers. One that is used both ways is left out.
 */
export function productWeights(outputs: Iterable<Expr>): Map<Expr, number> {
  const axes = new Map<Expr, number | undefined>();
  for (const node of topologicalOrder([...outputs])) {
    const [weight, axis] = weightOf(node) ?? [];
    if (weight !== undefined) axes.set(weight, axes.has(weight) && axes.get(weight) !== axis ? undefined : axis);
  }
  return new Map([...axes].filter((entry): entry is [Expr, number] => entry[1] !== undefined));
}
