import { afterAll, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { float32 } from '../test/problems.js';
import { initialize } from './initialize.js';
import { linear } from './layers.js';
import { type Layer, layer } from './module.js';
import { sgd } from './optimizer.js';
import { compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const head: Layer = linear(3, 2);
const offset = ops.parameter([2], () => Float32Array.of(0.5, 1));
const model = layer({ head, offset }, (x: Expr) => ops.add(head(x), offset)); // [rows, 3] → [rows, 2]
const good = { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) };

/** What is named after one step with these options. */
async function named(
  loss: (answer: Expr, x: Expr) => Expr,
  { x = good.x, ...more }: Partial<TrainingStepOptions> & { readonly x?: typeof good.x } = {},
): Promise<string | undefined> {
  const step = await compileTrainingStep(model, {
    backend,
    batch: { x },
    loss: (batch) => loss(model(batch.x!), batch.x!),
    optimizer: sgd({ learningRate: 0.1 }),
    weights: initialize(model, 1),
    ...more,
  });
  await step.run({ x }, 0, 1);
  const found = await step.firstNotFinite({ x });
  await step.release();
  return found;
}

const squares = (answer: Expr) => ops.mean(ops.mul(answer, answer));

test.each([1, 2])('a batch, a parameter and an operator are named; micro-batches: %i', async (microBatches) => {
  expect(await named(squares, { microBatches })).toBeUndefined();
  expect(await named(squares, { microBatches, x: float32([2, 3], [1, 2, 3, 4, Number.NaN, 6]) })).toBe("tensor 'x' of the batch");
  const weights = new Map(initialize(model, 1)).set('head.bias', float32([2], [0, Number.POSITIVE_INFINITY]));
  expect(await named(squares, { microBatches, weights })).toBe("parameter 'head.bias'");
  expect(await named(squares, { microBatches, weights, trainable: (name) => name === 'offset' })).toBe("parameter 'head.bias'");
  // log(0) is −∞; the product with 0 that follows makes it NaN.
  const logOfZero = (answer: Expr) => ops.sum(ops.mul(ops.log(ops.mul(ops.abs(answer), 0)), 0));
  expect(await named(logOfZero, { microBatches })).toBe(`the output [${2 / microBatches}, 2] of operator 'log'`);
});

test('the gradient is named where the loss is finite', async () => {
  // The gradient of the square root is infinite at 0, where its value is 0.
  expect(await named(() => ops.sum(ops.sqrt(ops.mul(offset, ops.constant(float32([2], [0, 0]))))))).toMatch(
    /^the gradient of 'offset'(, from the output \[2\] of operator '\w+')?$/,
  );
});

test('a mask of −∞ that does no harm is not taken for the cause', async () => {
  const masked = (answer: Expr, x: Expr) => {
    const q = ops.reshape(x, [1, 1, 2, 3]);
    const bias = ops.where(ops.causalMask(2), 0, Number.NEGATIVE_INFINITY);
    return ops.add(squares(answer), ops.div(ops.mean(ops.attention(q, q, q, { bias })), 0));
  };
  expect(await named(masked)).toBe("the output [] of operator 'div'");
});

test('a class that there is not is led back to the tensor that holds it', async () => {
  const classes = { type: 'int64', dims: [2], data: BigInt64Array.of(1n, 2n) } as const;
  const step = await compileTrainingStep(model, {
    backend,
    batch: { ...good, classes },
    loss: (batch) => ops.crossEntropy(model(batch.x!), batch.classes!),
    optimizer: sgd({ learningRate: 0.1 }),
    weights: initialize(model, 1),
  });
  await step.run({ ...good, classes }, 0, 1);
  expect(await step.firstNotFinite({ ...good, classes })).toBe(
    "the output [2] of operator 'where', which chose by 'classes' of the batch, as for an index out of range",
  );
  await step.release();
});
