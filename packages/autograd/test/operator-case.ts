import { createRandom, type TensorLike } from '@polymodal/modality-registry';
import type { Expr, Reference } from '../src/expr.js';
import { gradients } from '../src/gradients.js';
import * as ops from '../src/ops/index.js';

/** A row of the table in operators.test.ts. */
export interface Case {
  readonly name: string;
  /** Shapes of the float32 inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Expr[]) => Expr;
  /** Keeps samples where the operator is defined and smooth. */
  readonly sample?: (value: number, index: number) => number;
  /** False: integer or boolean results, or a step function. */
  readonly differentiable?: boolean;
}

export const positive = (value: number): number => Math.abs(value) + 0.5;

/** Away from kinks and ties: every element is at least 0.05 from 0 and from the others of its neighbourhood. */
export const apart = (value: number, index: number): number => value + Math.sign(value) * 0.05 + index * 1e-3;

export const ids = (values: number[], dims = [values.length]): Expr =>
  ops.constant({ type: 'int64', dims, data: BigInt64Array.from(values, BigInt) });

/** A row as expressions, with values for its inputs. */
export interface BuiltCase {
  readonly leaves: readonly Expr[];
  readonly values: readonly Reference[];
  readonly y: Expr;
  /** The result and, where there are any, its gradients: what a graph of the row gives. */
  readonly outputs: Readonly<Record<string, Expr>>;
}

export function buildCase({ shapes, build, sample = (value) => value, differentiable = true }: Case): BuiltCase {
  const random = createRandom(11);
  const leaves = shapes.map((dims, i) => ops.input(`x${i}`, 'float32', dims));
  const values = shapes.map((dims) => {
    const data = Float64Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.fround(sample(random.normal(), i)));
    return { type: 'float32' as const, dims, data };
  });
  const y = build(...leaves);
  const all = [y, ...(differentiable ? gradients(probe(y), leaves) : [])];
  return { leaves, values, y, outputs: Object.fromEntries(all.map((node, i) => [`y${i}`, node])) };
}

export const named = (values: readonly Reference[]) => Object.fromEntries(values.map((value, i) => [`x${i}`, value]));
export const asFloat32 = (values: readonly Reference[]): Record<string, TensorLike> =>
  Object.fromEntries(values.map(({ dims, data }, i) => [`x${i}`, { type: 'float32', dims, data: Float32Array.from(data) }]));

/** A scalar that weights every element differently, so that no gradient can hide. */
export function probe(y: Expr): Expr {
  const count = (y.dims as number[]).reduce((n, dim) => n * dim, 1);
  const weights = ops.constant({
    type: 'float32',
    dims: y.dims as number[],
    data: Float32Array.from({ length: count }, (_, i) => Math.cos(i + 1)),
  });
  return ops.sum(ops.mul(y, weights));
}

/** The largest difference, relative where numbers are larger than 1; infinite where one has more of them. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  return largest;
}
