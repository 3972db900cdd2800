import type { DType } from '@polymodal/modality-registry';
import type { Dim, Dims } from './dims.js';
import { requireFloats } from './dtypes.js';
import { AutogradError } from './errors.js';
import type { Emitter } from './onnx/emit.js';

/** What a shape rule answers. */
export interface Inferred {
  readonly type: DType;
  readonly dims: Dims;
}

/** A value of the float64 reference: every element type is held as float64, exact for integers up to 2^53. */
export interface Reference {
  readonly type: DType;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Gives a named dimension the size that it has in this run. */
export type ResolveDim = (dim: Dim) => number;

/**
 * An operator, with its four faces side by side: shape rule, float64 reference, ONNX emission, gradient rule.
 * `A` is the type of its attributes.
 */
export interface Op<A = unknown> {
  readonly name: string;
  /** 'float': all operands are floating-point numbers of one type. Default: what the shape rule says. */
  readonly operands?: 'float';
  infer(inputs: readonly Expr[], attributes: A): Inferred;
  reference(inputs: readonly Reference[], attributes: A, resolve: ResolveDim): Reference;
  emit(emitter: Emitter, inputs: readonly string[], attributes: A, node: Expr): string;
  /** From the gradient of the output, those of the inputs; `undefined` where none flows. Absent: not differentiable. */
  gradient?(node: Expr<A>, g: Expr): readonly (Expr | undefined)[];
}

/** A node of a tensor expression: immutable, and compared by identity. */
export interface Expr<A = unknown> {
  readonly op: Op<A>;
  readonly inputs: readonly Expr[];
  readonly attributes: A;
  readonly type: DType;
  readonly dims: Dims;
  /** The how-manieth node it is: what is older than a function's call was not made by it. */
  readonly serial: number;
}

let made = 0;

/** The serial number of the next node. */
export const nextSerial = (): number => made;

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { type, dims } = value as { type?: unknown; dims?: unknown };
  return Array.isArray(dims) ? `a tensor of data, ${type} [${dims.join(', ')}]` : Array.isArray(value) ? 'an array' : 'another object';
}

/** Refuses what is not an expression, as plain JavaScript and a misspelt name in a batch may give; `index` counts operands from 0. */
export function requireExpr(op: string, value: unknown, index?: number): asserts value is Expr {
  if (typeof value === 'object' && value !== null && 'op' in value && 'inputs' in value) return;
  throw new AutogradError({
    code: 'AUTOGRAD_ARGUMENT',
    message: `${op}: ${index === undefined ? 'the operand' : `operand ${index + 1}`} is ${describe(value)}, not an expression.`,
    fix:
      typeof value === 'object'
        ? 'Take ops.constant() of a tensor that is part of the graph; feed others to an ops.input() when it runs.'
        : 'Check its name, or take ops.constant() of a number.',
  });
}

export function makeExpr<A>(op: Op<A>, inputs: readonly Expr[], attributes: A): Expr {
  for (const [i, x] of inputs.entries()) requireExpr(op.name, x, inputs.length === 1 ? undefined : i);
  if (op.operands === 'float') requireFloats(op.name, inputs);
  const { type, dims } = op.infer(inputs, attributes);
  return Object.freeze({ op, inputs, attributes, type, dims, serial: made++ }) as Expr;
}

/** All nodes that `roots` depend on, inputs before users. Iterative: deep models must not exhaust the stack. */
export function topologicalOrder(roots: readonly Expr[]): Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const stack: { node: Expr; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = top.node.inputs[top.next++];
      if (child === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ node: child, next: 0 });
      }
    }
  }
  return order;
}
