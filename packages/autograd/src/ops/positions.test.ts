import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../evaluate.js';
import type { Expr } from '../expr.js';
import * as ops from './index.js';

// Values and gradients against the float64 reference are in operators.test.ts.

const numbers = (y: Expr): number[] => [...evaluate([y])[0]!.data];
const tensor = (dims: number[], data: number[]) => ops.constant({ type: 'float32', dims, data: Float32Array.from(data) });
const counting = (...dims: number[]) =>
  tensor(
    dims,
    Array.from({ length: dims.reduce((n, dim) => n * dim) }, (_, i) => i),
  );

describe('rotary', () => {
  const [x, y] = [tensor([1, 4], [0.3, -1.2, 2, 0.7]), tensor([1, 4], [1.1, 0.4, -0.6, 0.9])];
  const tables = ops.rotaryTables(40, 4);
  const at = (position: number) => ({
    cos: ops.slice(tables.cos, 0, position, position + 1),
    sin: ops.slice(tables.sin, 0, position, position + 1),
  });

  test.each(['halves', 'neighbours'] as const)('products depend on the distance alone (%s)', (pairs) => {
    const product = (i: number, j: number) =>
      numbers(ops.sum(ops.mul(ops.rotary(x, at(i), { pairs }), ops.rotary(y, at(j), { pairs }))))[0]!;
    expect(product(7, 3)).toBeCloseTo(product(39, 35), 6);
    expect(product(7, 3)).not.toBeCloseTo(product(7, 4), 2);
  });

  test('position 0 turns nothing', () => {
    expect(numbers(ops.rotary(x, at(0)))).toEqual([...numbers(x)]);
  });

  test('tables of the wrong width are refused', () => {
    expect(() => ops.rotary(counting(1, 2), tables)).toThrow(
      expect.objectContaining({ code: 'AUTOGRAD_SHAPE', message: expect.stringContaining('rotary: tables [40, 2]') }),
    );
    expect(() => ops.rotaryTables(4, 3)).toThrow(/4 positions of width 3/);
  });
});

describe('relativeBuckets', () => {
  test("are T5's, as transformers computes them", () => {
    // Of queries at 0: the keys at 0 … 15, then one at 40, 100 and 200.
    const row = numbers(ops.relativeBuckets({ queries: 1, keys: 201 }));
    expect(row.slice(0, 16)).toEqual([0, 17, 18, 19, 20, 21, 22, 23, 24, 24, 24, 24, 25, 25, 25, 25]);
    expect([row[40], row[100], row[200]]).toEqual([28, 31, 31]);
    const decoder = numbers(ops.relativeBuckets({ queries: 1, keys: 6, bidirectional: false, offset: 3 }));
    expect(decoder).toEqual([3, 2, 1, 0, 0, 0]);
  });

  test('too few are refused', () => {
    expect(() => ops.relativeBuckets({ queries: 2, keys: 2, buckets: 3 })).toThrow(/3 buckets up to a distance of 128/);
    expect(() => ops.relativeBuckets({ queries: 2, keys: 2, buckets: 32, maxDistance: 8 })).toThrow(/a distance of 8/);
  });
});

describe('relativeShift', () => {
  test('gives every key the score of its distance', () => {
    // Rows −2 … 2 for each of three queries: column 0 of the result is at distance 0 − q.
    expect(numbers(ops.relativeShift(counting(3, 5)))).toEqual([2, 3, 4, 6, 7, 8, 10, 11, 12]);
  });

  test('refuses scores of another width', () => {
    expect(() => ops.relativeShift(counting(3, 6))).toThrow(/\[3, 6\].*2·length − 1/);
  });
});

describe('attention', () => {
  const [q, k, v] = [counting(1, 1, 2, 2), counting(1, 1, 3, 2), tensor([1, 1, 3, 1], [1, 10, 100])];

  test('a query that may look at nothing gets zeros', () => {
    const mask = ops.constant({ type: 'bool', dims: [2, 3], data: Uint8Array.of(0, 0, 0, 0, 1, 0) });
    expect(numbers(ops.attention(q, k, v, { mask }))).toEqual([0, 10]);
  });

  test('causal lets the last query see all keys', () => {
    expect(numbers(ops.causalMask(2, 4))).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
    expect(numbers(ops.causalMask(2))).toEqual([1, 0, 1, 1]);
  });

  test('shapes that do not fit are refused by name', () => {
    expect(() => ops.attention(counting(2, 2), k, v)).toThrow(/attention: q \[2, 2\]/);
    expect(() => ops.attention(counting(1, 3, 2, 2), counting(1, 2, 3, 2), counting(1, 2, 3, 1))).toThrow(/2 heads of keys/);
    expect(() => ops.attention(counting(1, 1, 4, 2), k, v, { causal: true })).toThrow(/causal over 4 queries and 3 keys/);
  });
});
