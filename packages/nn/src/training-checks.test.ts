import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { exclusiveOr, float32 } from '../test/problems.js';
import { batchNorm } from './batch-norm.js';
import { initialize, ones } from './initialize.js';
import { linear, sequential } from './layers.js';
import { layer } from './module.js';
import { adamW, lion, muon, sgd } from './optimizer.js';
import { type Batch, compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const { model, loss, data } = exclusiveOr();
const options: TrainingStepOptions = {
  backend,
  batch: data(0),
  loss,
  weights: initialize(model, 1),
  optimizer: adamW({ learningRate: 0.01 }),
};
const refused = (more: Partial<TrainingStepOptions>, code: string, message: string) =>
  expect(compileTrainingStep(model, { ...options, ...more })).rejects.toMatchObject({
    name: 'TrainingError',
    code,
    message: expect.stringContaining(message),
  });

describe('a loss', () => {
  test.each([
    ['a number', () => 3, 'the loss is 3, not an expression'],
    ['nothing', () => undefined, 'the loss is undefined'],
    ['a Promise', async () => ops.constant(1), 'the loss is a Promise'],
    ['a vector', () => ops.constant(float32([2], [1, 2])), 'the loss has the shape [2]'],
    ['metrics of no expression', () => ({ loss: ops.constant(1), metrics: { half: 0.5 } }), "metric 'half' is 0.5"],
    [
      'a metric of several numbers',
      () => ({ loss: ops.constant(1), metrics: { answers: ops.input('x', 'float32', [4, 2]) } }),
      "metric 'answers' has the shape [4, 2]",
    ],
  ])('that gives %s is refused', (_, build, message) => refused({ loss: build as never }, 'TRAIN_OPTIONS', message));

  test('that reads what the first batch has not is refused', () =>
    refused({ batch: { x: data(0).x! } }, 'TRAIN_BATCH', "the loss reads 'y' in step 1, whose batch has x"));

  test('may give itself alone by name', async () => {
    const step = await compileTrainingStep(model, { ...options, loss: (batch) => ({ loss: loss(batch) as never }) });
    expect(await step.run(data(0), 0, 1)).toEqual({ loss: expect.any(Number) });
    await step.release();
  });
});

describe('a parameter', () => {
  test('that is used and not part of the model is refused, by an evaluator too', async () => {
    const head = ops.parameter([3], ones);
    const foreign: TrainingStepOptions['loss'] = (batch) => ops.add(loss(batch) as never, ops.sum(head));
    const message = 'the loss uses a parameter [3] that the model does not have';
    await refused({ loss: foreign }, 'NN_PARAMETER', message);
    const step = await compileTrainingStep(model, options);
    await expect(step.evaluator(foreign).run(data(0))).rejects.toMatchObject({
      code: 'NN_PARAMETER',
      message: expect.stringContaining(message),
    });
    await step.release();
  });

  test.each(['next/a', 'average/a', 'momentum/a'])('is not named %s, as what is made for another is', async (name) => {
    const [a, b] = [ops.parameter([1], ones), ops.parameter([1], ones)];
    const named = layer({ a, [name]: b }, () => a);
    const compiled = compileTrainingStep(named, {
      ...options,
      batch: {},
      loss: () => ops.sum(ops.add(a, b)),
      weights: initialize(named, 1),
    });
    await expect(compiled).rejects.toMatchObject({ code: 'NN_PARAMETER', message: expect.stringContaining(`is named '${name}'`) });
  });
});

describe('a tensor of the batch', () => {
  test.each([
    ['2.bias', 'a parameter of the model'],
    ['momentum/0.weight', "a tensor of the trainer's own"],
    ['scalar/draw', "a tensor of the trainer's own"],
    ['next/0.weight', "a tensor of the trainer's own"],
  ])('is not named %s, also where nothing of that name is fed', async (name, whose) => {
    const batch: Batch = { ...data(0), [name]: float32([1], [100]) };
    const using: TrainingStepOptions['loss'] = (given) => ops.add(loss(given) as never, ops.sum(given[name]!));
    await refused(
      { batch, loss: using, trainable: (one) => one !== '2.bias' },
      'TRAIN_BATCH',
      `a tensor of the batch is named '${name}', as ${whose} is`,
    );
  });

  test('of an evaluation is not named as a parameter', async () => {
    const step = await compileTrainingStep(model, { ...options, trainable: (name) => name !== '2.bias' });
    await expect(step.evaluator().run({ ...data(0), '2.bias': float32([1], [100]) })).rejects.toMatchObject({ code: 'TRAIN_BATCH' });
    await step.release();
  });
});

test('bounds of running statistics are refused: nothing would hold them', async () => {
  const normed = sequential(linear(2, 4), batchNorm(4), linear(4, 1));
  await expect(
    compileTrainingStep(normed, {
      ...options,
      loss: ({ x }) => ops.mean(normed(x!)),
      weights: initialize(normed, 1),
      bounds: { '1.running_var': [0, 1] },
    }),
  ).rejects.toMatchObject({ code: 'TRAIN_BOUNDS', message: expect.stringContaining("'1.running_var'") });
});

test.each([
  ['none', undefined, "'weights' is missing"],
  ['a file as it was read', { tensors: options.weights, metadata: {} }, "'weights' is no Map"],
])('weights that are %s are refused', (_, weights, message) => refused({ weights: weights as never }, 'TRAIN_WEIGHTS', message));

test.each([
  ['none', undefined, "'optimizer' is missing"],
  ['a name', 'adam', "'optimizer' is no optimiser"],
  ['a list without groups', [sgd({ learningRate: 1 })], "'optimizer' is no optimiser"],
])('an optimiser that is %s is refused', (_, optimizer, message) => refused({ optimizer: optimizer as never }, 'TRAIN_OPTIONS', message));

test.each([
  ['clipNorm', { clipNorm: 0 }],
  ['clipNorm', { clipNorm: -1 }],
  ['clipNorm', { clipNorm: Number.NaN }],
  ['averageDecay', { averageDecay: 2 }],
  ['averageDecay', { averageDecay: Number.NaN }],
  ['seed', { seed: 1.5 }],
  ['microBatches', { microBatches: 0 }],
])('a number for %s that cannot be meant is refused: %j', (name, more) => refused(more, 'TRAIN_OPTIONS', `'${name}' is `));

test('a limit that is infinite measures the norm and clips nothing', async () => {
  const step = await compileTrainingStep(model, { ...options, clipNorm: Number.POSITIVE_INFINITY });
  const { gradientNorm } = await step.run(data(0), 0, 1);
  expect(gradientNorm).toBeGreaterThan(0);
  expect((await step.run(data(0), 1, 2)).loss).not.toBeNaN();
  await step.release();
});

test.each([[[1, -1]], [[Number.NaN, 1]]])('bounds of %j are refused', ([low, high]) =>
  refused({ bounds: { '0.bias': [low!, high!] } }, 'TRAIN_BOUNDS', `'bounds' of '0.bias' are [${low}, ${high}]`),
);

test.each([
  ['adamW of AMSGrad', adamW({ learningRate: 0.01, amsgrad: true }), 'largest/0.weight'],
  ['lion of adamW', adamW({ learningRate: 0.01 }), 'variance/0.weight', lion({ learningRate: 0.01 })],
  ['sgd of muon', muon({ learningRate: 0.01 }), 'momentum/0.weight', sgd({ learningRate: 0.01 })],
])('a state is refused where the optimiser does not keep all of it: %s', async (_, wrote, left, reads = adamW({ learningRate: 0.01 })) => {
  const step = await compileTrainingStep(model, { ...options, trainable: (name) => name.endsWith('weight'), optimizer: wrote });
  const state = await step.state();
  await step.release();
  const other = await compileTrainingStep(model, { ...options, trainable: (name) => name.endsWith('weight'), optimizer: reads });
  await expect(other.restore(state)).rejects.toMatchObject({
    code: 'TRAIN_CHECKPOINT',
    message: expect.stringContaining(`the checkpoint has '${left}', which this run does not keep`),
  });
  await other.release();
});
