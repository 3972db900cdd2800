import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { augmented } from '../test/augmented.js';
import { bundle } from '../test/bundle.js';
import { dataLoader } from './data-loader.js';
import { linear } from './layers.js';
import { sgd } from './optimizer.js';
import { serveDataset } from './serve-dataset.js';
import { train } from './train.js';
import type { BatchExpr } from './training-step.js';
import { type WorkerDatasetOptions, workerDataset } from './worker-dataset.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-workers-'));
const module = bundle('dataset-worker', scratch);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Real workers, which serve one of the test's datasets. */
function inWorkers(kind: string, options: WorkerDatasetOptions = { workers: 1 }) {
  const started: Worker[] = [];
  const start = () => {
    const settings = { workerData: { kind, place: started.length }, resourceLimits: { maxOldGenerationSizeMb: 96 } };
    const worker = new Worker(module, settings);
    started.push(worker);
    return worker;
  };
  return { started, dataset: workerDataset(start, options) };
}

const ended = (worker: Worker) => expect(worker.threadId).toBe(-1);

describe('a dataset in workers', () => {
  test.each([1, 2, 3])('gives the batches of the caller’s thread, bit for bit: %d at work', async (workers) => {
    const options = { batchSize: 4, seed: 11, dropLast: false };
    const here = dataLoader(augmented, options);
    const { dataset, started } = inWorkers('augmented', { workers });
    const apart = await dataset;
    const there = dataLoader(apart, options);
    expect(started).toHaveLength(workers);
    expect([there.stepsPerEpoch, there.indices(7)]).toEqual([6, here.indices(7)]);
    for (let step = 0; step < 14; step++) expect(await there(step)).toEqual(await here(step));
    expect(await dataLoader(apart, options)(9)).toEqual(await here(9)); // A resume begins anywhere.
    await apart.release();
    await apart.release();
    for (const worker of started) ended(worker);
    await expect(there(20)).rejects.toMatchObject({ code: 'TRAIN_RELEASED' });
  });

  test('trains to the same weights', async () => {
    const backend = onnxBackend(ort, { threads: 1 });
    const model = linear(3, 1);
    const apart = await inWorkers('augmented', { workers: 2 }).dataset;
    const options = { batchSize: 5, seed: 2 };
    const trained = [];
    for (const data of [dataLoader(augmented, options), dataLoader(apart, options)]) {
      const loss = ({ x, y }: BatchExpr) => ops.meanSquaredError(model(x!), ops.reshape(ops.cast(y!, 'float32'), [5, 1]));
      const run = train(model, { backend, data, loss, optimizer: sgd({ learningRate: 1e-3 }), steps: 9, seed: 1 });
      for await (const { loss } of run) expect(loss).toBeGreaterThan(0);
      trained.push(await run.weights());
      await run.release();
    }
    expect(trained[1]).toEqual(trained[0]);
    await apart.release();
    await backend.dispose();
  });

  test('keeps all workers busy', async () => {
    const { dataset, started } = inWorkers('augmented', { workers: 2 });
    const apart = await dataset;
    const asked = started.map((worker) => {
      let count = 0;
      worker.on('message', () => count++);
      return () => count;
    });
    const loader = dataLoader(apart, { batchSize: 2 });
    for (let step = 0; step < 11; step++) await loader(step);
    await apart.release();
    for (const count of asked) expect(count()).toBeGreaterThan(2);
  });

  test.each([
    ['of views', 64],
    ['of parts of a file', 16],
  ])('%s copies them, and hands over tensors that are whole', async (kind, bytes) => {
    const apart = await inWorkers(kind).dataset;
    const loader = dataLoader(apart, { batchSize: 1, shuffle: false });
    for (const step of [0, 1, 2, 3, 4, 5]) {
      const { data } = (await loader(step)).x!;
      expect(Array.from(data, Number)).toEqual(Array.from({ length: 16 }, (_, i) => 16 * (step % 4) + i));
      expect(data.buffer.byteLength).toBe(bytes);
    }
    await apart.release();
  });

  test('that says more than batches, and is told more than it is asked for, gives them', async () => {
    const { dataset, started } = inWorkers('that says more than batches');
    for (const message of ['begin', null, [0], { id: 0, indices: 3 }]) started[0]!.postMessage(message);
    const apart = await dataset;
    expect(apart.length).toBe(3);
    const loader = dataLoader(apart, { batchSize: 1, shuffle: false });
    for (const step of [0, 1, 2]) expect((await loader(step)).x!.data).toEqual(Float32Array.of(step));
    await apart.release();
  });

  test('passes on the errors of examples with message and stack, and goes on', async () => {
    const broken = await inWorkers('with a broken example').dataset;
    const loader = dataLoader(broken, { batchSize: 2, shuffle: false });
    await loader(0);
    const error = await loader(1).catch((thrown) => thrown);
    expect([error.name, error.message]).toEqual(['RangeError', 'no file 3']);
    expect(error.stack).toMatch(/RangeError: no file 3\n.*readExample.*dataset-worker/);
    expect((await loader(2)).x!.data).toEqual(Float32Array.of(4, 5));
    await broken.release();

    const uneven = await inWorkers('with uneven examples').dataset;
    const typed = dataLoader(uneven, { batchSize: 2 })(0);
    await expect(typed).rejects.toMatchObject({ code: 'TRAIN_BATCH', message: expect.stringContaining("'x' is float32 [") });
    await uneven.release();

    const unsendable = await inWorkers('that cannot be sent').dataset;
    await expect(dataLoader(unsendable, { batchSize: 2 })(0)).rejects.toThrow('could not be cloned');
    await unsendable.release();
  });

  test('whose batches are the same tensors says which is gone, and goes on', async () => {
    const apart = await inWorkers('whose batches are the same tensors').dataset;
    const loader = dataLoader(apart, { batchSize: 1 });
    expect((await loader(0)).x!.data).toEqual(Float32Array.of(1, 2));
    for (const step of [1, 2])
      await expect(loader(step)).rejects.toMatchObject({
        code: 'TRAIN_BATCH',
        message: expect.stringMatching(/^'x' of what 'collate' gives is float32 \[2\] with 0 elements.*make it anew/),
      });
    await apart.release();
  });

  test.each([
    ['that ends its worker', 'it ended with exit code 7'],
    ['that takes all memory', 'terminated due to reaching memory limit'],
  ])('%s rejects the batches under way and all later ones', async (kind, message) => {
    const { dataset, started } = inWorkers(kind, { workers: 2 });
    const loader = dataLoader(await dataset, { batchSize: 3, shuffle: false });
    await loader(0);
    const failure = expect.objectContaining({ code: 'TRAIN_WORKER', message: expect.stringContaining(message) });
    await expect(loader(1)).rejects.toEqual(failure);
    await expect(loader(9)).rejects.toEqual(failure);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const worker of started) ended(worker);
  });

  test.each([
    ['that is not served', 'it ended with exit code 0'],
    ['that is still to come', 'the dataset is a Promise'],
    ['that cannot be made', 'no folder of pictures'],
    ['of another length', 'the workers have datasets of'],
  ])('one %s is refused at once', async (kind, message) => {
    const { dataset, started } = inWorkers(kind, { workers: 2 });
    await expect(dataset).rejects.toThrow(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const worker of started) ended(worker);
  });

  test('stops at an abort, whatever its workers do', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { dataset, started } = inWorkers('that never ends', { workers: 1, signal: controller.signal });
    const apart = await dataset;
    const loader = dataLoader(apart, { batchSize: 3, shuffle: false, prefetch: 0 });
    const stuck = loader(1);
    setTimeout(() => controller.abort(reason), 50);
    await expect(stuck).rejects.toBe(reason);
    await apart.release();
    for (const worker of started) ended(worker);
    await expect(loader(0)).rejects.toBe(reason);

    await expect(inWorkers('augmented', { signal: controller.signal }).dataset).rejects.toBe(reason);
    const early = new AbortController();
    const { dataset: starting } = inWorkers('augmented', { signal: early.signal });
    early.abort(reason);
    await expect(starting).rejects.toBe(reason);
  });

  test('options that belong elsewhere, or cannot be meant, are refused', async () => {
    await expect(workerDataset(module, { workers: 0 })).rejects.toMatchObject({ code: 'TRAIN_OPTIONS' });
    for (const [given, message] of [
      [async () => {}, 'gives a Promise'],
      [() => undefined, 'gives undefined'],
    ] as const)
      await expect(workerDataset(given as never)).rejects.toMatchObject({
        code: 'TRAIN_OPTIONS',
        message: expect.stringContaining(message),
      });
    const promised = inWorkers('augmented').dataset;
    expect(() => dataLoader(promised as never, { batchSize: 2 })).toThrow('the dataset is a Promise, which has no length');
    const apart = await promised;
    const options = { batchSize: 2, concurrency: 4 };
    expect(() => dataLoader(apart, options)).toThrow(
      "'concurrency' of the data loader does not reach into workers. Pass it to serveDataset()",
    );
    await apart.release();
    expect(() => serveDataset([1])).toThrow('serveDataset() was called outside a worker');
  });
});

test('workers are started by a URL, and those that are idle do not keep a process alive', () => {
  const main = fileURLToPath(bundle('dataset-process', scratch));
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, module.href], { encoding: 'utf8', timeout: 120_000 });
  expect({ stdout, stderr, status }).toEqual({ stdout: '4,5,6,7\n', stderr: '', status: 0 });
});
