import type { Expr } from '../src/expr.js';
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
