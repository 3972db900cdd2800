import { describe, expect, test } from '@jest/globals';
import { onnxBackend, ops, type Random } from '@polymodal/autograd';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { float32 } from '../test/problems.js';
import { dataLoader } from './data-loader.js';
import { type Dataset, stack, tensorDataset } from './dataset.js';
import { linear } from './layers.js';
import { sgd } from './optimizer.js';
import { type CheckpointStore, type SavedRun, train } from './train.js';

const scalars = (length: number) => Array.from({ length }, (_, i) => ({ x: float32([], [i]) }));
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('dataLoader', () => {
  test('every epoch has every example once, in another order, and a step is the same whenever it is asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(1e6),
        fc.boolean(),
        (length, batchSize, seed, dropLast) => {
          fc.pre(length >= batchSize);
          const build = () => dataLoader(scalars(length), { batchSize, seed, dropLast });
          const { stepsPerEpoch, indices } = build();
          expect(stepsPerEpoch).toBe(dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize));
          const epochs = [0, 1].map((epoch) => Array.from({ length: stepsPerEpoch }, (_, i) => indices(epoch * stepsPerEpoch + i)));
          for (const epoch of epochs) {
            const seen = epoch.flat();
            expect(new Set(seen).size).toBe(dropLast ? stepsPerEpoch * batchSize : length);
            expect(seen.every((index) => Number.isInteger(index) && index >= 0 && index < length)).toBe(true);
          }
          if (length > 20) expect(epochs[0]).not.toEqual(epochs[1]);
          const late = build();
          for (const step of [2 * stepsPerEpoch - 1, 0, stepsPerEpoch]) expect(late.indices(step)).toEqual(build().indices(step));
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test('another seed gives another order; without shuffling, examples come as they are', () => {
    const of = (seed: number) => dataLoader(scalars(30), { batchSize: 30, seed }).indices(0);
    expect(of(1)).not.toEqual(of(2));
    const loader = dataLoader(scalars(5), { batchSize: 2, shuffle: false, dropLast: false });
    expect([0, 1, 2, 3].map((step) => loader.indices(step))).toEqual([[0, 1], [2, 3], [4], [0, 1]]);
  });

  test('stacks examples, the last batch of an epoch short where it is asked for', async () => {
    const loader = dataLoader(
      tensorDataset({ x: float32([3, 2], [1, 2, 3, 4, 5, 6]), y: { type: 'int64', dims: [3], data: BigInt64Array.of(7n, 8n, 9n) } }),
      {
        batchSize: 2,
        shuffle: false,
        dropLast: false,
      },
    );
    expect(await loader(0)).toEqual({ x: float32([2, 2], [1, 2, 3, 4]), y: { type: 'int64', dims: [2], data: BigInt64Array.of(7n, 8n) } });
    expect(await loader(1)).toEqual({ x: float32([1, 2], [5, 6]), y: { type: 'int64', dims: [1], data: BigInt64Array.of(9n) } });
  });

  test('gives each example random numbers of its own, the same after a resume and others in the next epoch', async () => {
    const dataset: Dataset<number> = { length: 4, get: async (index, random: Random) => index + random.uniform() };
    const build = () => dataLoader(dataset, { batchSize: 4, shuffle: false, collate: (all) => ({ x: float32([all.length], all) }) });
    const [one, other] = [build(), build()];
    const third = (await one(3)).x!.data;
    for (let step = 0; step < 3; step++) expect((await other(step)).x!.data).not.toEqual(third);
    expect((await other(3)).x!.data).toEqual(third);
  });

  test('loads the next batches ahead, no more than asked for, and no more examples at a time than allowed', async () => {
    let [running, most] = [0, 0];
    const loaded: number[] = [];
    const dataset: Dataset<{ x: ReturnType<typeof float32> }> = {
      length: 40,
      async get(index) {
        most = Math.max(most, ++running);
        await tick();
        running--;
        loaded.push(index);
        return { x: float32([], [index]) };
      },
    };
    const loader = dataLoader(dataset, { batchSize: 4, shuffle: false, prefetch: 2, concurrency: 3 });
    await loader(0);
    for (let i = 0; i < 20; i++) await tick();
    expect(loaded).toHaveLength(12);
    expect(most).toBe(3);
    await loader(1);
    await loader(1);
    for (let i = 0; i < 20; i++) await tick();
    expect(loaded.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i)); // each once
  });

  test('an example that cannot be loaded is thrown by the step that has it, and tried again when asked again', async () => {
    let broken = true;
    const dataset: Dataset<{ x: ReturnType<typeof float32> }> = {
      length: 6,
      async get(index) {
        if (index === 3 && broken) throw new Error('no file 3');
        return { x: float32([], [index]) };
      },
    };
    const loader = dataLoader(dataset, { batchSize: 2, shuffle: false });
    await loader(0);
    await tick();
    await expect(loader(1)).rejects.toThrow('no file 3');
    broken = false;
    expect((await loader(1)).x!.data).toEqual(Float32Array.of(2, 3));
    expect((await loader(2)).x!.data).toEqual(Float32Array.of(4, 5));
  });

  test.each([
    [{ batchSize: 0 }, "'batchSize' of the data loader is 0"],
    [{ batchSize: 2, prefetch: -1 }, "'prefetch' of the data loader is -1"],
    [{ batchSize: 2, seed: 0.5 }, "'seed' of the data loader is 0.5"],
    [{ batchSize: 2, concurrency: Number.NaN }, "'concurrency' of the data loader is NaN"],
    [{ batchSize: 9 }, 'has 8 examples, which do not fill a batch of 9'],
  ])('refuses %o', (options, message) => {
    expect(() => dataLoader(scalars(8), options)).toThrow(
      expect.objectContaining({ code: 'TRAIN_OPTIONS', message: expect.stringContaining(message) }),
    );
  });
});

test('examples and tensors that do not fit together are named', () => {
  const refuses = (task: () => unknown, message: string) =>
    expect(task).toThrow(expect.objectContaining({ code: 'TRAIN_BATCH', message: expect.stringContaining(message) }));
  const x = float32([2], [1, 2]);
  refuses(
    () => stack([{ x }, { x: float32([3], [1, 2, 3]) }]),
    "'x' is float32 [3] with 3 elements in example 1 of the batch, but float32 [2]",
  );
  refuses(() => stack([{ x }, {}]), "example 1 of the batch has no 'x'");
  refuses(() => stack([{ x }, { x, y: x }]), 'example 1 of the batch has other names (x,y)');
  refuses(() => tensorDataset({ x, y: float32([3], [1, 2, 3]) }), "'y' is [3] with 3 elements, but the first tensor has 2 rows");
});

test.each([
  ['a number', 3, 'example 0 of the batch is 3, not tensors by name'],
  ['a list', { x: [1, 2] }, "'x' of example 0 of the batch is no tensor"],
  ['too few numbers', { x: float32([3], [1, 2]) }, "'x' of example 0 of the batch is float32 [3] with 2 elements"],
])('%s in the place of an example is refused, and in that of a batch', async (_, given, message) => {
  const refused = (text: string) => ({ code: 'TRAIN_BATCH', message: expect.stringContaining(text) });
  await expect(dataLoader([given] as never, { batchSize: 1 })(0)).rejects.toMatchObject(refused(message));
  const collated = dataLoader([1], { batchSize: 1, collate: () => given as never })(0);
  await expect(collated).rejects.toMatchObject(refused(message.replace('example 0 of the batch', "what 'collate' gives")));
});

test('a run that goes on in the middle of an epoch sees the examples of one that was not stopped', async () => {
  const backend = onnxBackend(ort, { threads: 1 });
  const model = linear(1, 1);
  const points = Array.from({ length: 10 }, (_, i) => i / 10);
  let saved: SavedRun | undefined;
  const memory: CheckpointStore = {
    load: async () => saved,
    async save(run) {
      saved = run;
    },
  };
  const losses = async (steps: number, checkpoint?: CheckpointStore) => {
    const run = train(model, {
      backend,
      data: dataLoader(tensorDataset({ x: float32([10, 1], points), y: float32([10, 1], points.map(Math.sin)) }), {
        batchSize: 3,
        seed: 4,
      }),
      loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!),
      optimizer: sgd({ learningRate: 0.1 }),
      steps,
      seed: 1,
      ...(checkpoint && { checkpoint }),
    });
    const all: number[] = [];
    for await (const { loss } of run) all.push(loss);
    await run.release();
    return all;
  };
  const whole = await losses(12);
  expect(new Set(whole).size).toBe(12);
  expect([...(await losses(5, memory)), ...(await losses(12, memory))]).toEqual(whole);
  await backend.dispose();
});
