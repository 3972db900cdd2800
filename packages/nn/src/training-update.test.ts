import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { bitsOf, exclusiveOr, float32 } from '../test/problems.js';
import { initialize, zeros } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';
import { type Layer, layer, type Weights } from './module.js';
import { adamW, muon, sgd } from './optimizer.js';
import { compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

/** Two parameters whose gradients are the constants given: loss = Σ a·ga + Σ b·gb. */
function slope(ga: readonly number[], gb: readonly number[]) {
  const [a, b] = [ops.parameter([ga.length], zeros), ops.parameter([gb.length, 1], zeros)];
  const model = layer({ a, b }, () => a);
  const part = (p: Expr, g: readonly number[]) => ops.sum(ops.mul(p, ops.constant(float32(p.dims as number[], g))));
  const loss = () => ops.add(part(a, ga), part(b, gb));
  return { model, loss };
}

const startOf = (a: readonly number[], b: readonly number[]): Weights =>
  new Map([
    ['a', float32([a.length], a)],
    ['b', float32([b.length, 1], b)],
  ]);

const options = (more: Pick<TrainingStepOptions, 'loss' | 'weights'> & Partial<TrainingStepOptions>): TrainingStepOptions => ({
  backend,
  batch: {},
  optimizer: sgd({ learningRate: 0.5 }),
  ...more,
});

const values = (weights: Weights, name: string) => [...weights.get(name)!.data];

describe('clipping', () => {
  // The norm of (3, 0, 4) and (12, 0) together is 13.
  const { model, loss } = slope([3, 0, 4], [12, 0]);
  const weights = startOf([1, 1, 1], [1, 1]);

  test('scales all gradients by one factor when their common norm is above the limit', async () => {
    const step = await compileTrainingStep(model, options({ loss, weights, clipNorm: 2.6 }));
    await step.run({}, 0, 1);
    const after = await step.weights();
    await step.release();
    const factor = 2.6 / (13 + 1e-6);
    expect(values(after, 'a')).toEqual([3, 0, 4].map((g) => expect.closeTo(1 - 0.5 * g * factor, 6)));
    expect(values(after, 'b')).toEqual([12, 0].map((g) => expect.closeTo(1 - 0.5 * g * factor, 6)));
  });

  test('leaves smaller ones alone', async () => {
    const step = await compileTrainingStep(model, options({ loss, weights, clipNorm: 14 }));
    await step.run({}, 0, 1);
    expect(values(await step.weights(), 'b')).toEqual([-5, 1]);
    await step.release();
  });
});

describe('bounds', () => {
  test('hold a parameter in its range after each step', async () => {
    const { model, loss } = slope([4, -4, 0.1], [1]);
    const step = await compileTrainingStep(model, options({ loss, weights: startOf([0, 0, 0], [0]), bounds: { a: [-1, 0.75] } }));
    await step.run({}, 0, 1);
    expect(values(await step.weights(), 'a')).toEqual([-1, 0.75, expect.closeTo(-0.05, 6)]);
    expect(values(await step.weights(), 'b')).toEqual([-0.5]);
    await step.release();
  });

  test('of a parameter that is not there are an error', async () => {
    const { model, loss } = slope([1], [1]);
    await expect(compileTrainingStep(model, options({ loss, weights: startOf([0], [0]), bounds: { c: [0, 1] } }))).rejects.toMatchObject({
      code: 'TRAIN_BOUNDS',
      message: expect.stringContaining("'c'"),
    });
  });
});

describe('the average of the weights', () => {
  test('follows at (1 + step) / (10 + step), then at the decay', async () => {
    const { model, loss } = slope([1], [2]);
    const averageDecay = 0.2;
    const step = await compileTrainingStep(model, options({ loss, weights: startOf([1], [1]), averageDecay }));
    let [weight, average] = [1, 1];
    for (let i = 0; i < 4; i++) {
      await step.run({}, i, 4);
      weight -= 0.5;
      average += (weight - average) * (1 - Math.min(averageDecay, (1 + i) / (10 + i)));
      expect(values(await step.weights(), 'a')[0]).toBeCloseTo(average, 5);
      expect(values(await step.weights({ averaged: false }), 'a')[0]).toBeCloseTo(weight, 5);
    }
    expect([...(await step.state()).keys()]).toEqual(['a', 'average/a', 'b', 'average/b']);
    await step.release();
  });
});

describe('frozen parameters', () => {
  test('stay byte-identical and have no state, while gradients flow through them', async () => {
    const { model, loss, data } = exclusiveOr();
    const weights = initialize(model, 3);
    const counted = countingBackend(backend);
    const step = await compileTrainingStep(model, {
      backend: counted.backend,
      batch: data(0),
      loss,
      weights,
      optimizer: adamW({ learningRate: 0.1, weightDecay: 0.5 }),
      trainable: (name) => name.startsWith('0.'),
      averageDecay: 0.9,
    });
    expect([...(await step.state()).keys()]).toEqual(
      ['0.weight', '0.bias'].flatMap((name) => [name, `momentum/${name}`, `variance/${name}`, `average/${name}`]),
    );
    for (let i = 0; i < 5; i++) await step.run(data(i), i, 5);
    const after = await step.weights({ averaged: false });
    const [before, now] = [bitsOf(weights), bitsOf(after)];
    for (const name of ['2.weight', '2.bias']) expect(now[name]).toEqual(before[name]);
    for (const name of ['0.weight', '0.bias']) expect(now[name]).not.toEqual(before[name]);
    expect(counted.live()).toEqual({ tensors: 16, programs: 1 }); // two sets of eight
    await step.release();
    await step.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });
});

describe('groups of parameters', () => {
  const matrices = { optimizer: sgd({ learningRate: 1 }), match: (_: string, dims: readonly number[]) => dims.length > 1 };

  test('the first that matches moves a parameter, each at its own rate and with its own slots', async () => {
    const { model, loss } = slope([1], [1]);
    const rest = { optimizer: sgd({ learningRate: (step, steps) => (steps - step) / 100, momentum: 0.5 }) };
    const step = await compileTrainingStep(model, options({ loss, weights: startOf([0], [0]), optimizer: [matrices, rest] }));
    await step.run({}, 0, 10);
    expect(values(await step.weights(), 'b')).toEqual([-1]);
    expect(values(await step.weights(), 'a')).toEqual([expect.closeTo(-0.1, 6)]);
    expect([...(await step.state()).keys()]).toEqual(['a', 'velocity/a', 'b']);
    await step.release();
  });

  test('a parameter that no group takes is an error that names it', async () => {
    const { model, loss } = slope([1], [1]);
    await expect(compileTrainingStep(model, options({ loss, weights: startOf([0], [0]), optimizer: [matrices] }))).rejects.toMatchObject({
      name: 'TrainingError',
      code: 'TRAIN_GROUPS',
      message: expect.stringContaining("parameter 'a'"),
    });
  });

  test('muon for matrices and adamW for the rest reduce a loss', async () => {
    const model: Layer = sequential(linear(2, 16), gelu(), linear(16, 1));
    const { data } = exclusiveOr();
    const step = await compileTrainingStep(model, {
      backend,
      batch: data(0),
      loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!),
      weights: initialize(model, 5),
      optimizer: [
        { optimizer: muon({ learningRate: 0.05, weightDecay: 0.01 }), match: (_, dims) => dims.length > 1 },
        { optimizer: adamW({ learningRate: 0.05 }) },
      ],
    });
    const losses: number[] = [];
    for (let i = 0; i < 100; i++) losses.push((await step.run(data(i), i, 100)).loss!);
    await step.release();
    expect(losses[0]).toBeGreaterThan(0.2);
    expect(losses.at(-1)).toBeLessThan(0.02);
  });
});

describe('weight decay', () => {
  test('is for parameters of two axes and more, unless told otherwise', async () => {
    const { model, loss } = slope([0], [0]);
    const weights = startOf([1], [1]);
    const optimizer = sgd({ learningRate: 0.5, weightDecay: 0.1 });
    for (const [decay, a, b] of [
      [undefined, 1, 0.95],
      [(name: string) => name === 'a', 0.95, 1],
    ] as const) {
      const step = await compileTrainingStep(model, options({ loss, weights, optimizer, ...(decay && { decay }) }));
      await step.run({}, 0, 1);
      expect([values(await step.weights(), 'a')[0], values(await step.weights(), 'b')[0]]).toEqual([
        expect.closeTo(a, 6),
        expect.closeTo(b, 6),
      ]);
      await step.release();
    }
  });
});
