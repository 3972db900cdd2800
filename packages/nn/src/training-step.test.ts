import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { bitsOf, exclusiveOr, float32 } from '../test/problems.js';
import { initialize } from './initialize.js';
import { adamW } from './optimizer.js';
import { compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

describe('a step', () => {
  const { model, loss, data } = exclusiveOr();
  const compile = (more: Partial<TrainingStepOptions> = {}) =>
    compileTrainingStep(model, {
      backend,
      batch: data(0),
      loss,
      weights: initialize(model, 1),
      optimizer: adamW({ learningRate: 0.01 }),
      ...more,
    });

  test('does not touch the weights it was given', async () => {
    const weights = initialize(model, 1);
    const before = bitsOf(weights);
    const step = await compile({ weights });
    for (let i = 0; i < 3; i++) await step.run(data(i), i, 3);
    await step.release();
    expect(bitsOf(weights)).toEqual(before);
  });

  test('goes on exactly from a restored state', async () => {
    const whole = await compile();
    for (let i = 0; i < 3; i++) await whole.run(data(i), i, 6);
    const state = await whole.state();
    for (let i = 3; i < 6; i++) await whole.run(data(i), i, 6);
    const other = await compile({ weights: initialize(model, 2) });
    await other.restore(state);
    for (let i = 3; i < 6; i++) await other.run(data(i), i, 6);
    expect(bitsOf(await other.state())).toEqual(bitsOf(await whole.state()));
    await whole.release();
    await other.release();
  });

  test('calls that do not wait take turns: what is read is of one step', async () => {
    const apart = onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 });
    const [one, many] = [await compile(), await compile({ backend: apart })];
    const wanted = [];
    for (let i = 0; i < 6; i++) {
      await one.run(data(i), i, 6);
      wanted.push(bitsOf(await one.state()));
    }
    const reads = [];
    for (let i = 0; i < 6; i++) {
      void many.run(data(i), i, 6);
      reads.push(many.state());
    }
    const evaluated = many.evaluator().run(data(0));
    const released = many.release();
    expect((await Promise.all(reads)).map(bitsOf)).toEqual(wanted);
    expect(await evaluated).toEqual({ loss: expect.any(Number) });
    await released;
    await one.release();
    await apart.dispose();
  });

  test('holds no tensors beyond its two sets, whatever it ran, restored or refused', async () => {
    const counted = countingBackend(backend);
    const step = await compile({ backend: counted.backend });
    const { tensors } = counted.live();
    expect(tensors).toBe(2 * 3 * 4);
    const state = await step.state();
    for (let i = 0; i < 5; i++) await step.run(data(i), i, 5);
    await step.restore(state);
    await expect(step.restore(new Map())).rejects.toMatchObject({ code: 'TRAIN_CHECKPOINT' });
    await expect(step.run({}, 0, 5)).rejects.toMatchObject({ code: 'TRAIN_BATCH' });
    expect(counted.live()).toEqual({ tensors, programs: 1 });
    await step.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });

  test.each([
    ['one is missing', { y: undefined }, "'y' is missing from the batch of step 8"],
    [
      'another shape',
      { x: float32([2, 4], new Float32Array(8)) },
      "'x' is float32 [2, 4] in step 8, but the graph was compiled for float32 [4, 2]",
    ],
    ['another type', { y: { type: 'int32', dims: [4, 1], data: new Int32Array(4) } as const }, "'y' is int32 [4, 1]"],
    ['too few elements', { x: float32([4, 2], new Float32Array(7)) }, "'x' has 7 elements in step 8, but [4, 2] needs 8"],
    ['one too many', { z: float32([1], [0]) }, "'z' is in the batch of step 8, but not among those that the graph was compiled for (x, y)"],
    ['the name of a weight', { '0.weight': float32([8, 2], new Float32Array(16)) }, "'0.weight' is in the batch"],
  ])('refuses a batch: %s', async (_, change, message) => {
    const step = await compile();
    const batch = Object.fromEntries(Object.entries({ ...data(0), ...change }).filter(([, tensor]) => tensor !== undefined)) as ReturnType<
      typeof data
    >;
    await expect(step.run(batch, 7, 10)).rejects.toMatchObject({
      name: 'TrainingError',
      code: 'TRAIN_BATCH',
      message: expect.stringContaining(message),
    });
    await step.release();
  });

  test('after release says so', async () => {
    const step = await compile();
    await step.release();
    const released = { code: 'TRAIN_RELEASED' };
    await expect(step.run(data(0), 0, 1)).rejects.toMatchObject(released);
    await expect(step.weights()).rejects.toMatchObject(released);
    await expect(step.state()).rejects.toMatchObject(released);
    await expect(step.restore(new Map())).rejects.toMatchObject(released);
    await expect(step.evaluator().run(data(0))).rejects.toMatchObject(released);
  });

  test('refuses weights that are missing or of another shape, and a model without anything to train', async () => {
    const weights = initialize(model, 1);
    const without = new Map([...weights].filter(([name]) => name !== '2.bias'));
    await expect(compile({ weights: without })).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message: expect.stringContaining("'2.bias' has no start value"),
    });
    const turned = new Map(weights).set('0.weight', float32([2, 8], new Float32Array(16)));
    await expect(compile({ weights: turned })).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message: expect.stringContaining("'0.weight' starts as [2, 8], but the model expects [8, 2]"),
    });
    await expect(compile({ trainable: () => false })).rejects.toMatchObject({ code: 'TRAIN_NOTHING' });
  });
});
