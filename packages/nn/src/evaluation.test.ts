import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { bitsOf, exclusiveOr, float32, sine } from '../test/problems.js';
import { advance, type EvaluationOptions, noEvaluation } from './evaluation.js';
import { zeros } from './initialize.js';
import { layer } from './module.js';
import { checkpointFolder, loadCheckpoint, readSafetensors } from './node/index.js';
import { adamW, sgd } from './optimizer.js';
import { type TrainEvent, type TrainOptions, type TrainRun, train } from './train.js';
import type { Batch } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-evaluation-'));
afterAll(async () => {
  await backend.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

const problem = sine();
const held = (index: number) => problem.data(1_000_000 + index);
const options = (evaluation?: EvaluationOptions, more: Partial<TrainOptions> = {}): TrainOptions => ({
  backend,
  data: problem.data,
  loss: problem.loss,
  steps: 40,
  seed: 7,
  optimizer: adamW({ learningRate: 0.05 }),
  ...(evaluation && { evaluation }),
  ...more,
});

async function finish(run: TrainRun) {
  const events: TrainEvent[] = [];
  for await (const event of run) events.push(event);
  const weights = await run.weights();
  await run.release();
  return { events, weights };
}

describe('evaluation', () => {
  test('measures the weights of the moment every so many steps and at the end, and does not change the training', async () => {
    const plain = await finish(train(problem.model, options()));
    // What is evaluated after a step is the batch of the next: both see the same weights.
    let at = 0;
    const next = options({ data: () => problem.data(at), batches: 1, every: 9 });
    const run = train(problem.model, { ...next, data: (step) => problem.data(step) });
    const events: TrainEvent[] = [];
    at = 9;
    for await (const event of run) {
      events.push(event);
      if (event.evaluation !== undefined) at += 9;
    }
    expect(events.map(({ loss }) => loss)).toEqual(plain.events.map(({ loss }) => loss));
    const evaluated = events.filter(({ evaluation }) => evaluation !== undefined);
    expect(evaluated.map(({ step }) => step)).toEqual([9, 18, 27, 36, 40]);
    for (const { step, evaluation } of evaluated.slice(0, 4)) expect(evaluation!.loss).toBeCloseTo(events[step]!.loss, 6);
    expect(bitsOf(await run.weights())).toEqual(bitsOf(plain.weights));
    await run.release();
  });

  test('weights batches by their rows, compiles each shape once, and sees averaged weights where they are kept', async () => {
    const p = ops.parameter([1], zeros);
    const model = layer({ p }, () => p);
    const counted = countingBackend(backend);
    const run = train(model, {
      backend: counted.backend,
      data: () => ({ x: float32([4], [1, 1, 1, 1]) }),
      loss: ({ x }) => ({ loss: ops.mean(ops.mul(x!, p)), metrics: { mean: ops.mean(x!) } }),
      optimizer: sgd({ learningRate: 1 }),
      steps: 2,
      seed: 0,
      averageDecay: 0.5,
      evaluation: {
        data: (index) => [{ x: float32([3], [1, 2, 3]) }, { x: float32([3], [4, 5, 6]) }, { x: float32([1], [7]) }][index]!,
        batches: 3,
        every: 1,
      },
    });
    const results = [];
    for await (const { evaluation } of run) results.push(evaluation);
    const average = [-0.9, -0.9 - 1.1 * (9 / 11)]; // follows at 9/10, then at 9/11
    expect(results).toEqual(average.map((p) => ({ loss: expect.closeTo(4 * p, 5), mean: expect.closeTo(4, 5) })));
    expect(counted.live()).toMatchObject({ programs: 3 });
    await run.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });

  test.each<[string, object | undefined, string]>([
    ['lacks a tensor', { x: float32([2, 1], [1, 2]) }, "the loss reads 'y' in an evaluation, whose batch has x"],
    ['has no rows', { x: float32([0, 1], []), y: float32([0, 1], []) }, 'batch 1 of the evaluation has no rows'],
    ['is none', undefined, 'batch 1 of the evaluation is undefined'],
  ])('whose batch %s is refused', async (_, batch, message) => {
    const data = (index: number) => (index === 1 ? (batch as Batch) : held(index));
    await expect(finish(train(problem.model, options({ data, batches: 2 })))).rejects.toMatchObject({
      code: 'TRAIN_BATCH',
      message: expect.stringContaining(message),
    });
  });

  test('ends the run when nothing has been better for a while, and keeps the best and the last', async () => {
    const folder = join(scratch, 'patience');
    const settings = { data: held, batches: 2, every: 2, patience: 3, minimumGain: 0.02 };
    const build = (more: Partial<TrainOptions> = {}) =>
      train(problem.model, options(settings, { steps: 400, checkpoint: checkpointFolder(folder), checkpointEvery: 50, ...more }));
    const { events } = await finish(build());
    const last = events.at(-1)!;
    expect(last).toMatchObject({ stopped: true, best: false });
    expect(last.step).toBeLessThan(400);
    const best = events.filter((event) => event.best).at(-1)!;
    expect(last.step - best.step).toBe(6);
    expect((await loadCheckpoint(folder))!.step).toBe(last.step);
    const stored = await readSafetensors(join(folder, 'best.safetensors'));
    expect([stored.metadata.step, JSON.parse(stored.metadata.results!)]).toEqual([String(best.step), best.evaluation]);
    const short = train(problem.model, options(settings, { steps: 400 }));
    for await (const { step } of short) if (step === best.step) break;
    expect(bitsOf(stored.tensors as never)).toEqual(bitsOf(await short.weights()));
    await short.release();
    // Stopped is stopped, in the next process too.
    expect((await finish(build())).events).toEqual([]);
  });

  test('a resumed run stops where an uninterrupted one does', async () => {
    const settings = { data: held, batches: 2, every: 2, patience: 3, minimumGain: 0.02 };
    const whole = await finish(train(problem.model, options(settings, { steps: 400 })));
    const folder = join(scratch, 'resumed');
    const stop = new AbortController();
    const build = (signal?: AbortSignal) =>
      train(
        problem.model,
        options(settings, { steps: 400, checkpoint: checkpointFolder(folder), checkpointEvery: 5, ...(signal && { signal }) }),
      );
    const cut = build(stop.signal);
    const loop = async () => {
      for await (const { step } of cut) if (step === whole.events.length - 3) stop.abort();
    };
    await expect(loop()).rejects.toMatchObject({ name: 'AbortError' });
    await cut.release();
    const { events, weights } = await finish(build());
    expect(events.length).toBeGreaterThan(2);
    expect(events).toEqual(whole.events.slice(events[0]!.step - 1));
    expect(bitsOf(weights)).toEqual(bitsOf(whole.weights));
  });

  test('compares by a metric, more or less of it, and never takes NaN for better', () => {
    const settings = { data: held, batches: 1, patience: 2 };
    const values = [3, Number.NaN, 2, 2, 2.5];
    const follow = (more: Partial<EvaluationOptions>) => {
      let progress = noEvaluation;
      return values.map((value, step) => (progress = advance(progress, { ...settings, ...more }, step, { loss: 0, score: value })));
    };
    expect(follow({ metric: 'score' }).map(({ best, waited, stopped }) => [best!.value, waited, stopped])).toEqual([
      [3, 0, false],
      [3, 1, false],
      [2, 0, false],
      [2, 1, false],
      [2, 2, true],
    ]);
    expect(follow({ metric: 'score', maximize: true }).at(-1)).toEqual({ best: { step: 0, value: 3 }, waited: 4, stopped: true });
    expect(() => follow({ metric: 'accuracy' })).toThrow(
      expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining("'accuracy', but the loss reports loss, score") }),
    );
  });

  test.each(['batches', 'every', 'patience'])('refuses %s of 0', (name) => {
    expect(() => train(problem.model, options({ data: held, batches: 1, [name]: 0 }))).toThrow(
      expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(`'evaluation.${name}' is 0`) }),
    );
  });
});

describe('a run that breaks', () => {
  test('names the tensor that broke first, in its own step where gradients are clipped', async () => {
    const { model, loss, data } = exclusiveOr();
    const settings = options();
    const poisoned = (step: number) => (step < 3 ? data(step) : { ...data(step), y: float32([4, 1], [0, 1, Number.NaN, 0]) });
    const run = train(model, { ...settings, data: poisoned, loss });
    await expect(finish(run)).rejects.toMatchObject({
      code: 'TRAIN_NOT_FINITE',
      message: expect.stringContaining("the loss is NaN at step 4 of 40; first to be so was tensor 'y' of the batch."),
    });
    await run.release();

    const p = ops.parameter([1], zeros);
    const clipped = train(
      layer({ p }, () => p),
      { ...settings, data: () => ({}), loss: () => ops.sum(ops.sqrt(p)), clipNorm: 1 },
    );
    await expect(finish(clipped)).rejects.toMatchObject({
      code: 'TRAIN_NOT_FINITE',
      message: expect.stringMatching(/^the norm of the gradients is Infinity at step 1 of 40; first to be so was the gradient of 'p'/),
    });
    await clipped.release();
  });
});
