import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { bitsOf, float32, sine } from '../test/problems.js';
import { layer } from './module.js';
import { adamW, sgd } from './optimizer.js';
import { type SavedRun, type TrainEvent, type TrainOptions, type TrainRun, train } from './train.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const problem = sine();
const options: TrainOptions = { ...problem, backend, steps: 6, seed: 7, optimizer: adamW({ learningRate: 0.02 }) };
const evaluation = { data: (index: number) => problem.data(1000 + index), batches: 1, every: 2, patience: 9 };

async function eventsOf(run: TrainRun): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

/** Goes on with a run after every error, and tells what came. */
async function persist(run: TrainRun) {
  const [events, errors]: [TrainEvent[], string[]] = [[], []];
  for (let ended = false; !ended; )
    try {
      for await (const event of run) events.push(event);
      ended = true;
    } catch (error) {
      errors.push((error as Error).message);
    }
  const weights = bitsOf(await run.weights());
  await run.release();
  return { events, errors, weights };
}

/** A function that throws in its calls of these numbers, from 1. */
function failing<In extends readonly unknown[], Out>(calls: readonly number[], work: (...inputs: In) => Out): (...inputs: In) => Out {
  let count = 0;
  return (...inputs) => {
    count++;
    if (calls.includes(count)) throw new Error(`call ${count} failed`);
    return work(...inputs);
  };
}

describe('a loop that goes on after an error', () => {
  test('has every event, evaluation and checkpoint of one without', async () => {
    const stored = () => {
      const saves: SavedRun[] = [];
      const bests: number[] = [];
      const store = {
        load: async () => undefined,
        save: async (saved: SavedRun) => void saves.push(saved),
        saveBest: async ({ step }: { step: number }) => void bests.push(step),
      };
      return { saves, bests, store };
    };
    const [whole, broken] = [stored(), stored()];
    const wanted = await persist(train(problem.model, { ...options, evaluation, checkpoint: whole.store, checkpointEvery: 3 }));
    const run = train(problem.model, {
      ...options,
      data: failing([3], problem.data), // The first call is for the shapes.
      evaluation: { ...evaluation, data: failing([1, 3], evaluation.data) },
      checkpoint: {
        ...broken.store,
        save: failing([1, 3], broken.store.save),
        saveBest: failing([1], broken.store.saveBest),
      },
      checkpointEvery: 3,
    });
    const { events, errors, weights } = await persist(run);
    expect(errors).toHaveLength(6);
    expect({ events, weights }).toEqual({ events: wanted.events, weights: wanted.weights });
    expect(broken.saves).toEqual(whole.saves);
    expect(broken.bests).toEqual(whole.bests);
    expect(events.map((event) => event.evaluation !== undefined)).toEqual([false, true, false, true, false, true]);
  });

  test('has the events that a listener could not take', async () => {
    const heard: number[] = [];
    const run = train(problem.model, { ...options, listeners: [{ event: failing([2], ({ step }: TrainEvent) => void heard.push(step)) }] });
    const { events, errors } = await persist(run);
    expect(errors).toEqual(['call 2 failed']);
    expect(events.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test('a second loop over a run that is in one is refused; the first goes on', async () => {
  const run = train(problem.model, options);
  const first = eventsOf(run);
  await expect(eventsOf(run)).rejects.toMatchObject({ name: 'TrainingError', code: 'TRAIN_LOOP' });
  expect((await first).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await eventsOf(run)).toEqual([]);
  await run.release();
});

test('a last update to infinity ends a run without checkpoints too', async () => {
  const p = ops.parameter([1], () => Float32Array.of(1));
  const run = train(
    layer({ p }, () => p),
    { ...options, steps: 1, data: () => ({}), loss: () => ops.mul(ops.sum(p), 1e20), optimizer: sgd({ learningRate: 1e30 }) },
  );
  await expect(eventsOf(run)).rejects.toMatchObject({
    code: 'TRAIN_NOT_FINITE',
    message: expect.stringContaining("'p' holds a number that is not finite after step 1 of 1"),
  });
  await run.release();
});

describe('listeners', () => {
  const ends = (ended: string[]) => [
    {
      event: () => {},
      end: () => {
        ended.push('first');
        throw new Error('the first cannot end');
      },
    },
    { event: () => {}, end: () => void ended.push('second') },
  ];

  test('are all ended, and the error of one is thrown', async () => {
    const ended: string[] = [];
    const run = train(problem.model, { ...options, listeners: ends(ended) });
    await expect(eventsOf(run)).rejects.toThrow('the first cannot end');
    expect(ended).toEqual(['first', 'second']);
    await run.release();
  });

  test('do not hide the error that ended the loop', async () => {
    const ended: string[] = [];
    const run = train(problem.model, { ...options, data: failing([4], problem.data), listeners: ends(ended) });
    await expect(eventsOf(run)).rejects.toThrow('call 4 failed');
    expect(ended).toEqual(['first', 'second']);
    await run.release();
  });
});

describe('options that cannot be meant', () => {
  test.each([
    ['steps', { steps: Number.NaN }],
    ['steps', { steps: -1 }],
    ['steps', { steps: 2.5 }],
    ['checkpointEvery', { checkpointEvery: 0 }],
    ['seed', { seed: 1.5 }],
    ['seed', { seed: undefined as never }],
    ['evaluation.minimumGain', { evaluation: { data: () => ({}), batches: 1, minimumGain: Number.NaN } }],
  ])('%s', (name, more) => {
    expect(() => train(problem.model, { ...options, ...more })).toThrow(
      expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(`'${name}' is `) }),
    );
  });

  test('a batch that changes its shape names the tensor', async () => {
    const data = (step: number) => (step < 2 ? problem.data(step) : { ...problem.data(step), x: float32([3, 1], new Float32Array(3)) });
    const run = train(problem.model, { ...options, data });
    await expect(eventsOf(run)).rejects.toMatchObject({
      code: 'TRAIN_BATCH',
      message: expect.stringContaining("'x' is float32 [3, 1] in step 3, but the graph was compiled for float32 [16, 1]"),
    });
    await run.release();
  });
});
