import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import type { Dim } from './dims.js';
import { AutogradError, shapeError } from './errors.js';
import { type Expr, type Reference, topologicalOrder } from './expr.js';

/** Values for the leaves: inputs by name, parameters by node. */
export interface Feeds {
  readonly inputs?: Readonly<Record<string, TensorLike | Reference>>;
  readonly parameters?: ReadonlyMap<Expr, TensorLike | Reference>;
}

function toReference({ type, dims, data }: TensorLike | Reference): Reference {
  return { type, dims, data: data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}

/**
 * Evaluates expressions in plain TypeScript, every operator in float64: the oracle that gradients and the ONNX emission are tested
 * against, and a debugger's eye on a model. Slow on purpose; nothing in it is optimised.
 */
export function evaluate(outputs: readonly Expr[], feeds: Feeds = {}): Reference[] {
  const values = new Map<Expr, Reference>();
  const sizes = new Map<string, number>();
  const resolve = (dim: Dim): number => {
    const size = typeof dim === 'number' ? dim : sizes.get(dim);
    if (size === undefined)
      throw new AutogradError({
        code: 'AUTOGRAD_DIMENSION',
        message: `dimension '${dim}' has no size.`,
        fix: 'Feed an input that has it.',
      });
    return size;
  };
  const order = topologicalOrder(outputs);
  const bind = (node: Expr, name: string, fed: TensorLike | Reference | undefined): void => {
    if (fed === undefined)
      throw new AutogradError({
        code: 'AUTOGRAD_UNBOUND',
        message: `${node.op.name} '${name}' has no value.`,
        fix: 'Pass one in the feeds.',
      });
    const value = toReference(fed);
    if (value.data.length !== elementCount(value.dims))
      throw shapeError(node.op.name, `'${name}' has ${value.data.length} elements, but [${value.dims}] needs ${elementCount(value.dims)}.`);
    const fits = value.type === node.type && value.dims.length === node.dims.length;
    node.dims.forEach((dim, axis) => {
      if (fits && typeof dim === 'string' && !sizes.has(dim)) sizes.set(dim, value.dims[axis]!);
      if (!fits || resolve(dim) !== value.dims[axis])
        throw shapeError(node.op.name, `'${name}' is ${value.type} [${value.dims}], but the graph declares ${node.type} [${node.dims}].`);
    });
    values.set(node, value);
  };
  for (const node of order)
    if (node.op.name === 'input') {
      const { name } = node.attributes as { name: string };
      bind(node, name, feeds.inputs?.[name]);
    } else if (node.op.name === 'parameter') bind(node, '(parameter)', feeds.parameters?.get(node));
  for (const node of order)
    if (!values.has(node))
      values.set(
        node,
        node.op.reference(
          node.inputs.map((input) => values.get(input)!),
          node.attributes,
          resolve,
        ),
      );
  return outputs.map((node) => values.get(node)!);
}
