import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { evaluate } from '../evaluate.js';
import type { Expr } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';
import * as ops from './index.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const { NaN: none, NEGATIVE_INFINITY: least } = Number;
const x = ops.input('x', 'float32', [2, 3]);
const classes = ops.input('classes', 'int64', [2]);
const matrix = (...values: number[]): TensorLike => ({ type: 'float32', dims: [2, 3], data: Float32Array.from(values) });
const ids = (...values: number[]): TensorLike => ({ type: 'int64', dims: [2], data: BigInt64Array.from(values, BigInt) });

/** Loss and gradient, in float64 and on ONNX Runtime, against those of PyTorch 1.13. */
async function agree(loss: Expr, feeds: Readonly<Record<string, TensorLike>>, value: number, gradient: readonly number[]): Promise<void> {
  const [dx] = gradients(loss, [x]) as [Expr];
  const program = await backend.compile(emitOnnx({ outputs: { loss, dx } }));
  const results = await program.run(feeds);
  const runs = [
    evaluate([loss, dx], { inputs: feeds }).map(({ data }) => data),
    await Promise.all([results.loss!.read(), results.dx!.read()] as Promise<Float32Array>[]),
  ];
  const wanted = [value, ...gradient];
  for (const [own, grad] of runs)
    [own![0]!, ...grad!].forEach((found, i) => {
      if (Number.isNaN(wanted[i])) expect(found).toBeNaN();
      else expect(Math.abs(found - wanted[i]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(wanted[i]!)));
    });
  await program.release();
}

describe("crossEntropy is PyTorch's", () => {
  const second = [0.09003058, 0.24472849, -0.334759];
  const plain = matrix(0, 0, 1, 1, 2, 3);
  test.each<[string, Expr, Record<string, TensorLike>, number, number[]]>([
    [
      'where a wrong class is impossible',
      ops.crossEntropy(x, classes),
      { x: matrix(0, least, 1, 1, 2, 3), classes: ids(0, 2) },
      0.86043382,
      [-0.3655293, 0, 0.3655293, 0.04501529, 0.12236424, -0.1673795],
    ],
    [
      'where a class is −100, and nothing was said of it',
      ops.crossEntropy(x, classes),
      { x: plain, classes: ids(-100, 2) },
      0.40760595,
      [0, 0, 0, ...second],
    ],
    [
      'where the class that is ignored is one of them',
      ops.crossEntropy(x, classes, { ignoreIndex: 0 }),
      { x: plain, classes: ids(0, 2) },
      0.40760595,
      [0, 0, 0, ...second],
    ],
    [
      'where an ignored row is not finite',
      ops.crossEntropy(x, classes),
      { x: matrix(none, 0, 1, 1, 2, 3), classes: ids(-100, 2) },
      0.40760595,
      [none, none, none, ...second],
    ],
    [
      'where some rows are ignored and the others smoothed',
      ops.crossEntropy(x, classes, { labelSmoothing: 0.3 }),
      { x: plain, classes: ids(-100, 1) },
      1.40760589,
      [0, 0, 0, -0.00996942, -0.55527151, 0.56524098],
    ],
  ])('%s', (_, loss, feeds, value, gradient) => agree(loss, feeds, value, gradient));
});

test.each([-1, 3])('a class outside the logits, %d, makes the loss NaN: it does not count as learned', async (bad) => {
  const feeds = { x: matrix(0, 0, 1, 1, 2, 3), classes: ids(bad, 2) };
  await agree(ops.crossEntropy(x, classes), feeds, none, [0, 0, 0, 0.04501529, 0.12236424, -0.1673795]);
});

test('crossEntropy of a batch whose size has a name', async () => {
  const loss = ops.crossEntropy(ops.input('x', 'float32', ['batch', 3]), ops.input('classes', 'int32', ['batch']));
  const program = await backend.compile(emitOnnx({ outputs: { loss } }));
  const feeds = { x: matrix(0, 0, 1, 1, 2, 3), classes: { type: 'int32' as const, dims: [2], data: Int32Array.of(-100, 2) } };
  expect((await (await program.run(feeds)).loss!.read())[0]).toBeCloseTo(0.40760595, 5);
  await program.release();
});

test('a row of zeros has the gradient of x / ε, and rows beside it theirs', async () => {
  const weights = ops.constant(matrix(1, 2, 3, 4, 5, 6));
  const gradient = [1e12, 2e12, 3e12, 0.032, -0.024, 1.2];
  await agree(ops.sum(ops.mul(ops.l2Normalize(x), weights)), { x: matrix(0, 0, 0, 3, 4, 0) }, 6.4, gradient);
});

test('the deviation of equal values does not move', async () => {
  const deviations = ops.standardDeviation(x, -1, { correction: 1 });
  const weights = ops.constant({ type: 'float32', dims: [2], data: Float32Array.of(1, 2) });
  const gradient = [0, 0, 0, -0.87287152, -0.21821783, 1.09108949];
  await agree(ops.sum(ops.mul(deviations, weights)), { x: matrix(2, 2, 2, 1, 2, 4) }, 3.05505037, gradient);
});

test('smoothL1 with a beta of 0 is the mean of distances', async () => {
  await agree(
    ops.smoothL1(x, ops.zeros([2, 3]), 0),
    { x: matrix(1, -2, 3, -4, 5, -6) },
    3.5,
    [1, -1, 1, -1, 1, -1].map((sign) => sign / 6),
  );
});

const column = ops.input('column', 'float32', [64, 1]);
const row = ops.input('row', 'float32', [64]);
test.each<[what: string, act: () => unknown, code: string, message: RegExp]>([
  ['meanSquaredError of a column and a row', () => ops.meanSquaredError(column, row), 'AUTOGRAD_SHAPE', /\[64, 1\] and \[64\]/],
  ['smoothL1 of a column and a row', () => ops.smoothL1(column, row), 'AUTOGRAD_SHAPE', /reshape\(\) or expand\(\)/],
  ['binaryCrossEntropy of a column and a row', () => ops.binaryCrossEntropy(column, row), 'AUTOGRAD_SHAPE', /one shape/],
  ['a negative beta', () => ops.smoothL1(row, row, -1), 'AUTOGRAD_ARGUMENT', /beta is -1/],
  ['crossEntropy of a number', () => ops.crossEntropy(ops.constant(1), classes), 'AUTOGRAD_SHAPE', /the class axis of \[\]/],
  ['more smoothing than there is', () => ops.crossEntropy(x, classes, { labelSmoothing: 2 }), 'AUTOGRAD_ARGUMENT', /labelSmoothing 2/],
  ['half an index', () => ops.crossEntropy(x, classes, { ignoreIndex: 0.5 }), 'AUTOGRAD_ARGUMENT', /ignoreIndex 0\.5/],
])('refuses %s', (_, act, code, message) => {
  expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
