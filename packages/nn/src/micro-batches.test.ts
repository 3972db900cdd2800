import { afterAll, describe, expect, test } from '@jest/globals';
import { createRandom, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { expectClose } from '../test/goldens.js';
import { bitsOf, float32 } from '../test/problems.js';
import { initialize } from './initialize.js';
import { embedding, gelu, linear, sequential } from './layers.js';
import { layer } from './module.js';
import { adamW } from './optimizer.js';
import { type Batch, compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const rows = 12;
const table = embedding(5, 4);
const body = sequential(linear(4, 8), gelu(), linear(8, 2));
const model = layer({ table, body }, body);

const batchOf = (step: number, scale = 1): Batch => {
  const random = createRandom(3).fork(step);
  return {
    ids: { type: 'int64', dims: [rows], data: BigInt64Array.from({ length: rows }, () => BigInt(random.integer(5))) },
    y: float32(
      [rows, 2],
      Array.from({ length: rows * 2 }, () => random.normal()),
    ),
    scale: float32([], [scale]),
  };
};

const compile = (microBatches: number, more: Partial<TrainingStepOptions> = {}) =>
  compileTrainingStep(model, {
    backend,
    batch: batchOf(0),
    loss: ({ ids, y, scale }) => {
      const answer = body(table(ids!)); // [rows / microBatches, 2]
      return { loss: ops.mul(ops.meanSquaredError(answer, y!), scale!), metrics: { size: ops.mean(ops.mul(answer, answer)) } };
    },
    optimizer: adamW({ learningRate: 0.01, epsilon: 1e-4 }),
    weights: initialize(model, 5),
    clipNorm: 0.3,
    averageDecay: 0.9,
    trainable: (name) => name !== 'body.2.bias',
    microBatches,
    ...more,
  });

describe('micro-batches', () => {
  test.each([2, 3, 12])('%i of them give the steps of the whole batch', async (parts) => {
    const [whole, split] = [await compile(1), await compile(parts)];
    for (let i = 0; i < 6; i++) {
      const [one, other] = [await whole.run(batchOf(i, 1 + i), i, 6), await split.run(batchOf(i, 1 + i), i, 6)];
      expect(Object.keys(other).sort()).toEqual(['gradientNorm', 'loss', 'size']);
      for (const name of ['loss', 'size', 'gradientNorm']) expectClose([other[name]!], [one[name]!], 1e-5);
    }
    const [wanted, given] = [await whole.state(), await split.state()];
    expect([...given.keys()]).toEqual([...wanted.keys()]);
    for (const [name, { data }] of wanted) expectClose(given.get(name)!.data, data, 1e-5);
    await whole.release();
    await split.release();
  });

  test('begin anew in every step, after one that was not finite and after restoring too', async () => {
    const [clean, mixed] = [await compile(3), await compile(3)];
    const start = await mixed.state();
    await mixed.run(batchOf(0, Number.NaN), 0, 4);
    await mixed.restore(start);
    for (const step of [clean, mixed]) for (let i = 0; i < 3; i++) await step.run(batchOf(i), i, 4);
    expect(bitsOf(await mixed.state())).toEqual(bitsOf(await clean.state()));
    await clean.release();
    await mixed.release();
  });

  test('hold two sets of gradients more, and give all back', async () => {
    const counted = countingBackend(backend);
    const step = await compile(4, { backend: counted.backend });
    expect(counted.live()).toEqual({ tensors: 2 * (4 * 4 + 4), programs: 2 });
    for (let i = 0; i < 3; i++) await step.run(batchOf(i), i, 3);
    expect(counted.live()).toEqual({ tensors: 40, programs: 2 });
    await step.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });

  test.each([
    [5, "'ids' is \\[12\\], which does not divide into 5 micro-batches"],
    [0, "'microBatches' is 0"],
    [1.5, "'microBatches' is 1.5"],
  ])('%d of them are refused', async (parts, message) => {
    await expect(compile(parts)).rejects.toMatchObject({ code: 'TRAIN_OPTIONS', message: expect.stringMatching(message) });
  });
});

test('a metric cannot take a name that the trainer reports itself', async () => {
  for (const name of ['loss', 'gradientNorm']) {
    const loss: TrainingStepOptions['loss'] = ({ ids, y }) => {
      const squared = ops.meanSquaredError(body(table(ids!)), y!);
      return { loss: squared, metrics: { [name]: squared } };
    };
    await expect(compile(1, { loss })).rejects.toMatchObject({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(`'${name}'`) });
  }
});
