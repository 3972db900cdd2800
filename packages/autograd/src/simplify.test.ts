import { describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { evaluate } from './evaluate.js';
import { type Expr, topologicalOrder } from './expr.js';
import { gradients } from './gradients.js';
import { emitOnnx } from './onnx/emit.js';
import { onnxBackend } from './onnx/onnx-backend.js';
import type { OrtModule } from './onnx/runtime.js';
import * as ops from './ops/index.js';
import { simplify } from './simplify.js';

const x = ops.input('x', 'float32', [2, 3]);
const vector = (...values: number[]) => ops.constant({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });
const names = (...roots: Expr[]) =>
  topologicalOrder(simplify(roots))
    .map(({ op }) => op.name)
    .sort();

describe('equal expressions become one', () => {
  test('through any number of levels, with equal constants and attributes', () => {
    const twice = () => ops.sum(ops.mul(ops.exp(x), vector(1, 2, 3)), 1);
    expect(names(ops.add(twice(), twice()))).toEqual(['add', 'constant', 'exp', 'input', 'mul', 'sum']);
  });

  test.each<[string, Expr, Expr]>([
    ['attributes differ', ops.sum(x, 0), ops.sum(x, 0, true)],
    ['attributes are infinite and not a number', ops.pow(x, Number.POSITIVE_INFINITY), ops.pow(x, Number.NaN)],
    ['constants differ in sign of zero', ops.div(x, 0), ops.div(x, -0)],
    ['constants differ in shape', ops.mul(x, vector(1, 2, 3)), ops.mul(x, ops.reshape(vector(1, 2, 3), [1, 3]))],
    ['inputs are in another order', ops.sub(x, ops.exp(x)), ops.sub(ops.exp(x), x)],
  ])('but not where %s', (_, a, b) => {
    const [left, right] = simplify([a, b]);
    expect(left).not.toBe(right);
  });

  test('parameters stay who they are', () => {
    const zeros = () => new Float32Array(3);
    const [a, b] = [ops.parameter([3], zeros), ops.parameter([3], zeros)];
    expect(simplify([a, b])).toEqual([a, b]);
    expect(simplify([a, b])[0]).toBe(a);
  });
});

describe('what depends on constants alone', () => {
  test('becomes a constant, rounded to its type', () => {
    const [folded] = simplify([ops.mul(ops.exp(vector(1, 2)), 3)]);
    expect(names(folded!)).toEqual(['constant']);
    expect(evaluate([folded!])[0]!.data).toEqual(Float64Array.of(Math.fround(Math.fround(Math.E) * 3), Math.fround(Math.exp(2) * 3)));
  });

  test('in integers and truth values too', () => {
    const [places, truth] = simplify([ops.argmax(vector(1, 5, 2)), ops.less(ops.range(3), 1)]);
    expect(places).toMatchObject({ type: 'int64', inputs: [] });
    expect(truth).toMatchObject({ type: 'bool', inputs: [] });
    expect(evaluate([places!, truth!]).map(({ data }) => [...data])).toEqual([[1], [1, 0, 0]]);
  });

  test('is left to the runtime where float64 does not hold it, or its type wraps', async () => {
    const whole = (...values: bigint[]) => ops.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values) });
    const outputs = {
      zeroAdded: ops.add(whole(2n ** 53n + 1n), 0),
      added: ops.add(whole(2n ** 53n - 1n), 2),
      wrapped: ops.mul(ops.constant({ type: 'int32', dims: [1], data: Int32Array.of(2 ** 31 - 1) }), 2 ** 31 - 1),
      same: ops.equal(whole(2n ** 53n), whole(2n ** 53n + 1n)),
      quotient: ops.div(whole(3n, -3n), 2),
    };
    const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
    const program = await backend.compile(emitOnnx({ outputs }));
    const results = await program.run({});
    const values = await Promise.all(Object.keys(outputs).map(async (name) => Array.from(await results[name]!.read(), Number)));
    expect(await results.zeroAdded!.read()).toEqual(BigInt64Array.of(2n ** 53n + 1n));
    expect(await results.added!.read()).toEqual(BigInt64Array.of(2n ** 53n + 1n));
    expect(values.slice(2)).toEqual([[1], [0], [1, -1]]);
    await program.release();
  });

  test('is left alone where it would be large', () => {
    expect(names(ops.expand(ops.constant(1), [64, 64]))).toEqual(['constant', 'expand']);
  });
});

test('markers for gradients vanish, and with them what only a gradient rule needs', () => {
  const y = ops.withGradient(ops.stopGradient(ops.exp(x)), [ops.sin(x)], (g) => [g]);
  expect(names(y)).toEqual(['exp', 'input']);
});

test('a graph for training has the same values before and after', async () => {
  const weight = ops.input('weight', 'float32', [3, 3]);
  const y = ops.layerNorm(ops.matmul(ops.geluTanh(x), weight), vector(1, 2, 3), vector(0, 0, 1));
  const loss = ops.mean(ops.mul(ops.logSoftmax(y), ops.logSoftmax(y)));
  const roots = [loss, ...gradients(loss, [x, weight])];
  const given = (...dims: number[]) => ({
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length: dims.reduce((n, dim) => n * dim) }, (_, i) => Math.sin(i + 1)),
  });
  const feeds = { x: given(2, 3), weight: given(3, 3) };
  const plain = evaluate(roots, { inputs: feeds });
  const simple = evaluate(simplify(roots), { inputs: feeds });
  expect(topologicalOrder(simplify(roots)).length).toBeLessThan(topologicalOrder(roots).length);

  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(roots.map((root, i) => [`y${i}`, root])) }));
  const results = await program.run(feeds);
  for (const [i, { data }] of plain.entries()) {
    const run = (await results[`y${i}`]!.read()) as Float32Array;
    for (const [at, value] of data.entries()) {
      expect(simple[i]!.data[at]).toBeCloseTo(value, 7);
      expect(run[at]).toBeCloseTo(value, 4);
    }
  }
  await program.release();
});

test('a deep expression does not exhaust the stack', () => {
  let deep: Expr = x;
  for (let i = 0; i < 20_000; i++) deep = ops.add(deep, x);
  expect(topologicalOrder(simplify([deep]))).toHaveLength(20_001);
});

test('simplifying twice changes nothing more', () => {
  const roots = [ops.sum(ops.mul(ops.exp(x), ops.exp(x)))];
  expect(simplify(simplify(roots))[0]).toEqual(simplify(roots)[0]);
});
