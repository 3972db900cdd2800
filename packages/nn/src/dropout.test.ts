import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { bitsOf, sine } from '../test/problems.js';
import { dropout } from './dropout.js';
import { initialize, zeros } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';
import { layer, type Module } from './module.js';
import { adamW, sgd } from './optimizer.js';
import { type SavedRun, train } from './train.js';
import { emitTraining } from './training-graph.js';
import { trainingPlan } from './training-plan.js';
import { inference, rematerialize } from './training-scope.js';
import { compileTrainingStep, type Loss, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const size = 4096;
const drop = dropout(0.25);
const gain = ops.parameter([size], zeros);
const other = ops.parameter([size], zeros);
const model = layer({ gain, other }, () => gain);
const summed = (x: Expr) => ops.sum(drop(x));

const options = (loss: () => Loss, more: Partial<TrainingStepOptions> = {}): TrainingStepOptions => ({
  backend,
  batch: {},
  loss,
  optimizer: sgd({ learningRate: 1 }),
  weights: initialize(model, 1),
  ...more,
});

/** What steps take off the gains: with `summed` as loss, the masks' sums. */
async function masks(loss: () => Loss, more: Partial<TrainingStepOptions> & { readonly steps?: readonly number[] } = {}) {
  const step = await compileTrainingStep(model, options(loss, more));
  for (const i of more.steps ?? [0]) await step.run({}, i, 10);
  const weights = await step.weights();
  await step.release();
  return [...weights.values()].map(({ data }) => Array.from(data, (value) => -value));
}

/** The graph of a whole step. */
function emitted(module: Module, given: TrainingStepOptions): Uint8Array {
  const { model: learner, stateDims, stages } = trainingPlan(module, given);
  return emitTraining(learner, stateDims, given.weights, stages[0]!.program.outputs);
}

const kept = Math.fround(4 / 3);

describe('dropout', () => {
  test('drops the share that it is given and scales the rest up', async () => {
    const [mask] = await masks(() => summed(gain));
    expect(new Set(mask)).toEqual(new Set([0, kept]));
    const share = mask!.filter((value) => value === 0).length / size;
    expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / size));
  });

  test('drops others in another step, at another place and for another seed, and the same for the same', async () => {
    const both = () => ops.add(summed(gain), summed(other));
    const [first, second] = await masks(both);
    const [again] = await masks(both);
    const [later] = await masks(both, { steps: [1] });
    const [seeded] = await masks(both, { seed: 1 });
    expect(again).toEqual(first);
    for (const mask of [second, later, seeded]) {
      const same = mask!.filter((value, i) => value === first![i]).length / size;
      expect(Math.abs(same - 0.625)).toBeLessThan(4 * Math.sqrt((0.625 * 0.375) / size)); // 0.75² + 0.25²: independent
    }
  });

  test('drops others in each micro-batch, and none of them in the next step', async () => {
    const halves = await masks(() => summed(gain), { microBatches: 2 });
    expect(new Set(halves[0])).toEqual(new Set([0, kept / 2, kept]));
    const [first, second] = await Promise.all([0, 1].map((step) => masks(() => summed(gain), { microBatches: 2, steps: [step] })));
    expect(first![0]).not.toEqual(second![0]);
  });

  test('is no part of evaluation, of inference, nor of what is built outside of training', async () => {
    expect(drop(gain)).toBe(gain);
    expect(dropout(0)(gain)).toBe(gain);
    const loss = () => ops.mean(drop(ops.add(gain, 1)));
    const step = await compileTrainingStep(model, options(loss));
    expect(await step.evaluator().run({})).toEqual({ loss: 1 });
    expect((await step.run({}, 0, 1)).loss).not.toBe(1);
    await step.release();
    const [mask] = await masks(() => inference(() => summed(gain)));
    expect(new Set(mask)).toEqual(new Set([1]));
  });

  test('a graph that drops nothing has no input more', async () => {
    const inputs = async (loss: () => Loss) => {
      const program = await backend.compile(emitted(model, options(loss)));
      await program.release();
      return program.inputNames;
    };
    expect(await inputs(() => summed(gain))).toContain('scalar/draw');
    for (const f of [(x: Expr) => x, (x: Expr) => inference(() => drop(x)), (x: Expr) => rematerialize((y) => ops.exp(y), x)])
      expect(await inputs(() => ops.sum(f(gain)))).not.toContain('scalar/draw');
  });

  test.each([1, -0.1, Number.NaN])('refuses the rate %d', (rate) => {
    expect(() => dropout(rate)).toThrow(expect.objectContaining({ code: 'NN_DROPOUT', message: expect.stringContaining(String(rate)) }));
  });

  test('a loss that throws leaves no scope behind', async () => {
    const failing = options(() => {
      throw new Error('in the loss');
    });
    await expect(compileTrainingStep(model, failing)).rejects.toThrow('in the loss');
    expect(drop(gain)).toBe(gain);
  });
});

test('what is not finite is looked for with the masks of its step', async () => {
  const loss = () => ops.sum(ops.log(ops.slice(drop(ops.add(gain, 1)), 0, 0, 1))); // log(0) where dropped
  const step = await compileTrainingStep(model, options(loss, { optimizer: sgd({ learningRate: 0 }) }));
  const seen = new Set<boolean>();
  for (let i = 0; seen.size < 2; i++) {
    const finite = Number.isFinite((await step.run({}, i, 100)).loss);
    expect(await step.firstNotFinite({})).toBe(finite ? undefined : "the output [1] of operator 'log'");
    seen.add(finite);
  }
  await step.release();
});

describe('a segment that is computed again', () => {
  const inner = dropout(0.5);
  const block = sequential(linear(8, 8), gelu(), inner, linear(8, 8), inner);
  const between = dropout(0.1);
  const x = { type: 'float32', dims: [16, 8], data: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)) } as const;

  const trained = async (call: (x: Expr) => Expr) => {
    const step = await compileTrainingStep(block, {
      backend,
      batch: { x },
      loss: (batch) => ops.mean(ops.exp(between(call(between(call(batch.x!)))))),
      optimizer: sgd({ learningRate: 0.1 }),
      weights: initialize(block, 1),
      seed: 5,
    });
    for (let i = 0; i < 3; i++) await step.run({ x }, i, 3);
    const weights = await step.weights();
    await step.release();
    return weights;
  };
  const draws = (call: (x: Expr) => Expr) => {
    const graph = { ...options(() => ops.sum(call(ops.input('x', 'float32', [16, 8])))), weights: initialize(block, 1) };
    return Buffer.from(emitted(block, graph)).toString('latin1').split('Range').length - 1;
  };

  test.each([
    ['alone', (y: Expr) => rematerialize(block, y)],
    ['in another', (y: Expr) => rematerialize((z) => rematerialize(block, z), y)],
    [
      'beside one for inference',
      (y: Expr) =>
        ops.add(
          rematerialize(block, y),
          ops.mul(
            inference(() => rematerialize(block, y)),
            0,
          ),
        ),
    ],
  ])('drops the same: %s', async (_, call) => {
    const [plain, again] = [await trained(block), await trained(call)];
    for (const [name, { data }] of plain) for (const [i, value] of data.entries()) expect(again.get(name)!.data[i]).toBeCloseTo(value, 6);
  });

  test('draws its masks again, so that they are not kept', () => {
    expect(draws((y) => rematerialize(block, y)) - draws(block)).toBeGreaterThan(0);
  });

  test("is refused by autograd's own operator, which would drop others", async () => {
    await expect(trained((y) => ops.rematerialize(block, y))).rejects.toMatchObject({ code: 'TRAIN_REMATERIALIZE' });
  });
});

test.each([1, 2])('a run that was left and resumed is the uninterrupted one, bit for bit; micro-batches: %i', async (microBatches) => {
  const { data } = sine();
  const net = sequential(linear(1, 16), gelu(), dropout(0.2), linear(16, 1));
  let saved: SavedRun | undefined;
  const begin = () =>
    train(net, {
      backend,
      data,
      loss: ({ x, y }) => ops.meanSquaredError(net(x!), y!),
      steps: 9,
      seed: 7,
      optimizer: adamW({ learningRate: 0.01 }),
      microBatches,
      checkpointEvery: 4,
      checkpoint: {
        load: async () => saved,
        async save(one) {
          saved = one;
        },
      },
    });
  const finish = async (run: ReturnType<typeof begin>, until = 9) => {
    const losses: number[] = [];
    for await (const { step, loss } of run) {
      losses.push(loss);
      if (step === until) break;
    }
    const weights = bitsOf(await run.weights());
    await run.release();
    return { losses, weights };
  };
  const whole = await finish(begin());
  saved = undefined;
  await finish(begin(), 6);
  const resumed = await finish(begin());
  expect(resumed.losses).toEqual(whole.losses.slice(4));
  expect(resumed.weights).toEqual(whole.weights);
});
