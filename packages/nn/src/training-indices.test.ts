import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { initialize } from './initialize.js';
import { embedding } from './layers.js';
import { sgd } from './optimizer.js';
import { compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const model = embedding(3, 2);
const batchOf = (...ids: number[]) => ({ ids: { type: 'int64', dims: [2, 2], data: BigInt64Array.from(ids, BigInt) } as const });
const compile = (more: Partial<TrainingStepOptions> = {}) =>
  compileTrainingStep(model, {
    backend,
    batch: batchOf(0, 0, 0, 0),
    loss: ({ ids }) => ops.mean(model(ids!)),
    optimizer: sgd({ learningRate: 0.1 }),
    weights: initialize(model, 1),
    ...more,
  });
const outside = (message: string) => ({ name: 'TrainingError', code: 'TRAIN_BATCH', message: expect.stringContaining(message) });

describe('an id outside of its table', () => {
  test.each([1, 2])(
    'names the tensor of the batch and the table, and the step can be run with another batch; micro-batches: %i',
    async (microBatches) => {
      const step = await compile({ microBatches });
      const message = "'ids' holds 7 in step 5, an index into the 3 entries of parameter 'weight' [3, 2]";
      await expect(step.run(batchOf(0, 1, 2, 7), 4, 9)).rejects.toMatchObject(outside(message));
      await expect(step.evaluator().run(batchOf(0, -4, 2, 1))).rejects.toMatchObject(outside("'ids' holds -4 in an evaluation"));
      expect((await step.run(batchOf(0, 1, 2, 0), 4, 9)).loss).not.toBeNaN();
      await step.release();
    },
  );

  test('names an operator whose output is the table', async () => {
    const twice = (ids: Expr) => ops.gather(ops.mul(model(ops.range(3)), 2), ids);
    const step = await compile({ loss: ({ ids }) => ops.mean(twice(ids!)) });
    await expect(step.run(batchOf(0, 1, 3, 2), 0, 1)).rejects.toMatchObject(
      outside("'ids' holds 3 in step 1, an index into the 3 entries of the output of operator 'mul' [3, 2]"),
    );
    await step.release();
  });

  test('that the graph computes leaves the error of the runtime', async () => {
    const step = await compile({ loss: ({ ids }) => ops.mean(model(ops.add(ids!, 2))) });
    await expect(step.run(batchOf(0, 0, 0, 2), 0, 1)).rejects.toMatchObject({ code: 'AUTOGRAD_RUNTIME' });
    await step.release();
  });
});
