import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { evaluate } from '../evaluate.js';
import { type Expr, topologicalOrder } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import { simplify } from '../simplify.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const x = ops.input('x', 'float32', [2, 3]);
const ids = ops.input('ids', 'int64', [2]);
const weight = ops.input('weight', 'float32', [3, 3]);
const table = ops.input('table', 'float32', [4, 3]);
/** Uses a parameter, integers, and an input through which the same parameter comes in again. */
const block = (h: Expr, at: Expr) => ops.tanh(ops.matmul(ops.add(ops.exp(h), ops.gather(table, at)), weight));
const model = (call: (f: typeof block, h: Expr, at: Expr) => Expr) => {
  const first = call(block, ops.matmul(x, weight), ids);
  return ops.sum(ops.mul(call(block, first, ids), ops.sin(first)));
};
const plain = model((f, h, at) => f(h, at));
const again = model((f, h, at) => ops.rematerialize(f, h, at));

const given = (dims: number[], shift: number) => ({
  type: 'float32' as const,
  dims,
  data: Float32Array.from({ length: dims.reduce((n, dim) => n * dim) }, (_, i) => Math.sin(i + shift)),
});
const feeds = {
  x: given([2, 3], 1),
  weight: given([3, 3], 2),
  table: given([4, 3], 3),
  ids: { type: 'int64' as const, dims: [2], data: BigInt64Array.of(3n, 1n) },
};
const targets = [x, weight, table];

test('the value and all gradients are those of the plain form, also on ONNX Runtime', async () => {
  const expected = evaluate([plain, ...gradients(plain, targets)], { inputs: feeds });
  const roots = [again, ...gradients(again, targets)];
  const values = evaluate(roots, { inputs: feeds });
  const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(roots.map((root, i) => [`y${i}`, root])) }));
  const results = await program.run(feeds);
  for (const [i, { data }] of expected.entries()) {
    const run = (await results[`y${i}`]!.read()) as Float32Array;
    for (const [at, value] of data.entries()) {
      expect(values[i]!.data[at]).toBeCloseTo(value, 10);
      expect(run[at]).toBeCloseTo(value, 4);
    }
  }
  await program.release();
});

test('a second derivative passes through', () => {
  const second = (loss: Expr) => {
    const [dx] = gradients(loss, [x]);
    return evaluate(gradients(ops.sum(ops.mul(dx!, dx!)), [x, weight]), { inputs: feeds });
  };
  const [a, b] = [second(plain), second(again)];
  a.forEach(({ data }, i) => {
    for (const [at, value] of data.entries()) expect(b[i]!.data[at]).toBeCloseTo(value, 8);
  });
});

test('what is computed again is not merged with what was computed first', () => {
  const count = (roots: Expr[]) => topologicalOrder(simplify(roots)).filter(({ op }) => op.name === 'exp').length;
  expect(count([plain, ...gradients(plain, targets)])).toBe(2);
  expect(count([again, ...gradients(again, targets)])).toBe(4);
});

describe('values that the function finds around it get their whole gradients', () => {
  type Call = (f: (h: Expr) => Expr, h: Expr) => Expr;
  test.each<[what: string, build: (call: Call) => { y: Expr; inner?: Expr }]>([
    ['its own input', (call) => ({ y: call((h) => ops.mul(ops.sin(h), x), x) })],
    [
      'what is made of its input',
      (call) => {
        const first = ops.sin(x);
        const inner = ops.exp(first);
        return { y: call((h) => ops.mul(h, inner), first), inner };
      },
    ],
    [
      'what its input is made of, in every block',
      (call) => ({ y: [1, 2, 3].reduce((h, scale) => call((own) => ops.mul(ops.sin(own), ops.mul(x, scale)), h), x) }),
    ],
    [
      'the value of another segment, from within a nested one',
      (call) => {
        const inner = call(ops.exp, x);
        return { y: call((h) => call((own) => ops.mul(ops.mul(own, inner), ops.matmul(x, weight)), ops.sin(h)), inner), inner };
      },
    ],
  ])('%s', (_, build) => {
    const results = [(f: (h: Expr) => Expr, h: Expr) => f(h), ops.rematerialize].map((call) => {
      const { y, inner } = build(call);
      return evaluate(gradients(ops.sum(ops.mul(y, ops.cos(y))), inner === undefined ? [x, weight] : [x, weight, inner]), {
        inputs: feeds,
      });
    });
    results[0]!.forEach(({ data }, i) => {
      for (const [at, value] of data.entries()) expect(results[1]![i]!.data[at]).toBeCloseTo(value, 10);
    });
  });
});
