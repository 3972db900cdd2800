import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Backend, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { bitsOf, exclusiveOr, float32, type Problem, sine } from '../test/problems.js';
import { layer } from './module.js';
import { checkpointFolder, loadCheckpoint } from './node/index.js';
import { adamW, sgd } from './optimizer.js';
import { cosine } from './schedule.js';
import { type TrainOptions, type TrainRun, train } from './train.js';

const backend = onnxBackend(ort, { threads: 1 });
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-train-'));
afterAll(async () => {
  await backend.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

const optionsOf = (problem: Problem, more: Partial<TrainOptions> = {}): TrainOptions => ({
  backend,
  data: problem.data,
  loss: problem.loss,
  steps: 40,
  seed: 7,
  optimizer: adamW({ learningRate: 0.02 }),
  ...more,
});

/** Every loss of a run, and its weights at the end. */
async function finish(run: TrainRun) {
  const losses: number[] = [];
  for await (const { loss } of run) losses.push(loss);
  const weights = bitsOf(await run.weights());
  await run.release();
  return { losses, weights };
}

describe('train', () => {
  test('learns exclusive or', async () => {
    const problem = exclusiveOr();
    const { losses } = await finish(train(problem.model, optionsOf(problem, { steps: 400, optimizer: adamW({ learningRate: 0.05 }) })));
    expect(losses[0]).toBeGreaterThan(0.2);
    expect(losses.at(-1)).toBeLessThan(1e-3);
  });

  test('learns a sine from points that it sees once', async () => {
    const problem = sine();
    const optimizer = adamW({ learningRate: cosine({ peak: 0.05, warmup: 20 }) });
    const { losses } = await finish(train(problem.model, optionsOf(problem, { steps: 500, optimizer })));
    expect(Math.max(...losses.slice(-20))).toBeLessThan(5e-3);
  });

  test('tells the step from 1, the steps, the loss and the metrics', async () => {
    const { model, data } = exclusiveOr();
    const loss: TrainOptions['loss'] = ({ x, y }) => {
      const answer = model(x!);
      const squared = ops.meanSquaredError(answer, y!);
      return { loss: squared, metrics: { double: ops.mul(squared, 2), mean: ops.mean(answer) } };
    };
    const run = train(model, optionsOf({ model, data, loss }, { steps: 3 }));
    const events = [];
    for await (const event of run) events.push(event);
    await run.release();
    expect(events.map(({ step, steps }) => [step, steps])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    for (const event of events) {
      expect(Object.keys(event.metrics)).toEqual(['double', 'mean']);
      expect(event.metrics.double).toBeCloseTo(2 * event.loss, 6);
    }
  });

  test('the same seed gives the same losses and weights bit for bit, another seed does not', async () => {
    const build = (seed: number) => {
      const problem = sine();
      return finish(train(problem.model, optionsOf(problem, { seed })));
    };
    const [first, again, other] = [await build(7), await build(7), await build(8)];
    expect(again).toEqual(first);
    expect(other.losses).not.toEqual(first.losses);
  });

  test('trains in a worker exactly as in the thread', async () => {
    const apart: Backend = onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 });
    const problem = sine();
    const here = await finish(train(problem.model, optionsOf(problem)));
    const there = await finish(train(problem.model, optionsOf(problem, { backend: apart })));
    await apart.dispose();
    expect(there).toEqual(here);
  });

  test('starts from given weights', async () => {
    const problem = exclusiveOr();
    const weights = new Map(
      [...(await weightsAfter(problem, 0))].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((x) => x / 2) }]),
    );
    const run = train(problem.model, optionsOf(problem, { weights }));
    expect(bitsOf(await run.weights())).toEqual(bitsOf(weights));
    await run.release();
  });

  test('a loop that was left goes on where it was', async () => {
    const problem = sine();
    const whole = await finish(train(problem.model, optionsOf(problem)));
    const run = train(problem.model, optionsOf(problem));
    const losses: number[] = [];
    for await (const { loss, step } of run) {
      losses.push(loss);
      if (step === 13) break;
    }
    for await (const { loss } of run) losses.push(loss);
    expect(losses).toEqual(whole.losses);
    expect(bitsOf(await run.weights())).toEqual(whole.weights);
    await run.release();
  });
});

async function weightsAfter(problem: Problem, steps: number) {
  const run = train(problem.model, optionsOf(problem, { steps }));
  for await (const _ of run);
  const weights = await run.weights();
  await run.release();
  return weights;
}

describe('checkpoints', () => {
  test('a run that was aborted goes on to the weights of one that was not, bit for bit', async () => {
    const problem = sine();
    const settings = { averageDecay: 0.95, optimizer: adamW({ learningRate: cosine({ peak: 0.02, warmup: 5 }) }) };
    const whole = await finish(train(problem.model, optionsOf(problem, settings)));

    const folder = join(scratch, 'aborted');
    const stop = new AbortController();
    const reason = new Error('stop at 17');
    const start = () =>
      train(
        problem.model,
        optionsOf(problem, { ...settings, checkpoint: checkpointFolder(folder), checkpointEvery: 5, signal: stop.signal }),
      );
    const cut = start();
    const seen: number[] = [];
    const loop = async () => {
      for await (const { step } of cut) {
        seen.push(step);
        if (step === 17) stop.abort(reason);
      }
    };
    await expect(loop()).rejects.toBe(reason);
    await cut.release();
    expect(seen.at(-1)).toBe(17);
    expect((await loadCheckpoint(folder))!.step).toBe(15);

    const resumed = train(problem.model, optionsOf(problem, { ...settings, checkpoint: checkpointFolder(folder), checkpointEvery: 5 }));
    const { losses, weights } = await finish(resumed);
    expect(losses).toEqual(whole.losses.slice(15));
    expect(weights).toEqual(whole.weights);
  });

  test('a run that is done does nothing more, and gives its weights', async () => {
    const problem = exclusiveOr();
    const folder = join(scratch, 'done');
    const start = () => train(problem.model, optionsOf(problem, { steps: 4, checkpoint: checkpointFolder(folder) }));
    const { weights } = await finish(start());
    expect(await finish(start())).toEqual({ losses: [], weights });
  });

  test('an aborted signal ends a run before it begins', async () => {
    const problem = exclusiveOr();
    const reason = new Error('never mind');
    const run = train(problem.model, optionsOf(problem, { signal: AbortSignal.abort(reason) }));
    await expect(finish(run)).rejects.toBe(reason);
    await run.release();
  });

  test.each([
    ['the first batch', { data: () => new Promise<never>(() => {}) }],
    ['a later batch', { data: (step: number) => (step < 2 ? sine().data(step) : new Promise<never>(() => {})) }],
    ['an evaluation', { evaluation: { data: () => new Promise<never>(() => {}), batches: 1, every: 2 } }],
  ])('an aborted signal ends a run whose data never comes: %s', async (_, more) => {
    const stop = new AbortController();
    const problem = sine();
    const run = train(problem.model, optionsOf(problem, { ...more, signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(finish(run)).rejects.toThrow('enough');
    await run.release();
  });

  test('a checkpoint of another model is refused', async () => {
    const folder = join(scratch, 'other');
    const small = exclusiveOr();
    await finish(train(small.model, optionsOf(small, { steps: 2, checkpoint: checkpointFolder(folder) })));
    const problem = sine();
    const run = train(problem.model, optionsOf(problem, { checkpoint: checkpointFolder(folder) }));
    await expect(finish(run)).rejects.toMatchObject({
      name: 'TrainingError',
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringContaining("no '0.weight' of shape [16, 1]"),
    });
    await run.release();
  });

  test('a loss that is not finite ends the run, and the last good checkpoint stays as it is', async () => {
    const { model, loss, data } = exclusiveOr();
    const poisoned = (step: number) => (step < 12 ? data(step) : { ...data(step), y: float32([4, 1], [0, 1, Number.NaN, 0]) });
    const folder = join(scratch, 'poisoned');
    const options = { checkpoint: checkpointFolder(folder), checkpointEvery: 5 };
    const run = train(model, optionsOf({ model, loss, data: poisoned }, options));
    await expect(finish(run)).rejects.toMatchObject({
      name: 'TrainingError',
      code: 'TRAIN_NOT_FINITE',
      message: expect.stringMatching(/loss is NaN at step 13 of 40.*learning rate/),
    });
    await run.release();
    expect((await loadCheckpoint(folder))!.step).toBe(10);
    const { losses } = await finish(train(model, optionsOf({ model, loss, data }, options)));
    expect(losses).toHaveLength(30);
  });

  test('weights that are not finite are not saved, though the loss still was', async () => {
    const p = ops.parameter([1], () => Float32Array.of(0));
    const model = layer({ p }, () => p);
    const folder = join(scratch, 'overflow');
    // The gradient of the square root is infinite at 0, where the loss is 0.
    const run = train(model, {
      ...optionsOf({ model: model as never, data: () => ({}), loss: () => ops.sum(ops.sqrt(p)) }),
      optimizer: sgd({ learningRate: 0.1 }),
      checkpoint: checkpointFolder(folder),
      checkpointEvery: 1,
    });
    await expect(finish(run)).rejects.toMatchObject({
      code: 'TRAIN_NOT_FINITE',
      message: expect.stringMatching(/'p' holds a number that is not finite after step 1 of 40/),
    });
    await run.release();
    expect(await loadCheckpoint(folder)).toBeUndefined();
  });
});

describe('release', () => {
  test('twice is harmless, also before the run began, and what comes after says so', async () => {
    const problem = exclusiveOr();
    const unused = train(problem.model, optionsOf(problem));
    await unused.release();
    await unused.release();
    const run = train(problem.model, optionsOf(problem, { steps: 2 }));
    for await (const _ of run);
    await run.release();
    await run.release();
    for (const one of [unused, run]) {
      await expect(one.weights()).rejects.toMatchObject({ code: 'TRAIN_RELEASED' });
      await expect(finish(one)).rejects.toMatchObject({ code: 'TRAIN_RELEASED' });
    }
  });

  test('a start that failed is not thrown again, and leaves nothing behind', async () => {
    const problem = exclusiveOr();
    const failure = new Error('the disk is gone');
    const counted = countingBackend(backend);
    const run = train(
      problem.model,
      optionsOf(problem, {
        backend: counted.backend,
        checkpoint: { load: () => Promise.reject(failure), save: () => Promise.reject(failure) },
      }),
    );
    await expect(finish(run)).rejects.toBe(failure);
    await run.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });
});
