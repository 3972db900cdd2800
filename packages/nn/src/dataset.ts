import { createRandom, type Random } from '@polymodal/autograd';
import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { TrainingError } from './errors.js';
import { shown } from './training-checks.js';
import type { Batch } from './training-step.js';

/** Examples by index. `random` depends on the seed, the epoch and the index alone: what augments by it is the same after a resume. */
export interface Dataset<T> {
  readonly length: number;
  get(index: number, random: Random): T | Promise<T>;
}

export interface CollateOptions<T> {
  /** Makes a batch of examples; default {@link stack}, for examples that are batches without their first axis. */
  readonly collate?: (examples: readonly T[]) => Batch;
  /** Examples that are loaded at the same time; default 8. */
  readonly concurrency?: number;
}

/** What the random numbers of a batch's examples follow from, beside their indices. */
export interface Draw {
  readonly seed: number;
  readonly epoch: number;
}

export function checkOption(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `'${name}' of the data loader is ${value}.`,
      fix: `Pass an integer of at least ${least}.`,
    });
}

function wrongExample(message: string): TrainingError {
  return new TrainingError({
    code: 'TRAIN_BATCH',
    message,
    fix: "Give every example the same names, types and shapes (pad them), or pass 'collate'.",
  });
}

/** Throws {@link TrainingError} `TRAIN_OPTIONS` where there is no dataset with a length. */
export function checkDataset(dataset: unknown): void {
  if (Number.isSafeInteger(Object(dataset).length)) return;
  throw new TrainingError({
    code: 'TRAIN_OPTIONS',
    message: `the dataset is ${dataset instanceof Promise ? 'a Promise' : String(dataset)}, which has no length.`,
    fix: 'Pass an array, { length, get(index, random) }, or what `await workerDataset(…)` gives.',
  });
}

/** Throws {@link TrainingError} `TRAIN_BATCH` where these are not tensors by name. */
function checkTensors(tensors: unknown, whose: string): void {
  const refuse = (message: string, fix: string) => new TrainingError({ code: 'TRAIN_BATCH', message, fix });
  if (typeof tensors !== 'object' || tensors === null)
    throw refuse(`${whose} is ${String(tensors)}, not tensors by name.`, "Give { x: tensor, … }, or pass 'collate'.");
  for (const [name, tensor] of Object.entries(tensors)) {
    const { type, dims, data } = Object(tensor) as Partial<TensorLike>;
    if (!Array.isArray(dims) || !ArrayBuffer.isView(data))
      throw refuse(`'${name}' of ${whose} is no tensor.`, 'Give { type, dims, data } with a typed array for data.');
    if (data.length !== elementCount(dims))
      throw refuse(
        `'${name}' of ${whose} is ${type} ${shown(dims)} with ${data.length} elements.`,
        'Give as many as the shape has. What workers have sent is handed over, and empty afterwards: make it anew for every batch.',
      );
  }
}

/** Joins examples along a new first axis. [...] each → [examples, ...]. Throws {@link TrainingError} `TRAIN_BATCH` where they differ or are none. */
export function stack(examples: readonly Batch[]): Batch {
  for (const [i, example] of examples.entries()) checkTensors(example, `example ${i} of the batch`);
  const [first = {}] = examples;
  return Object.fromEntries(
    Object.entries(first).map(([name, { type, dims, data }]) => {
      const count = elementCount(dims);
      const all = new (data.constructor as new (length: number) => TensorLike['data'])(count * examples.length);
      examples.forEach((example, i) => {
        const one = example[name];
        const same = one?.type === type && shown(one.dims) === shown(dims);
        if (!same || Object.keys(example).length !== Object.keys(first).length)
          throw wrongExample(
            one === undefined
              ? `example ${i} of the batch has no '${name}', which example 0 has.`
              : same
                ? `example ${i} of the batch has other names (${Object.keys(example)}) than example 0 (${Object.keys(first)}).`
                : `'${name}' is ${one.type} ${shown(one.dims)} with ${one.data.length} elements in example ${i} of the batch, but ${type} ${shown(dims)} in example 0.`,
          );
        (all as Float32Array).set(one.data as Float32Array, i * count);
      });
      return [name, { type, dims: [examples.length, ...dims], data: all } as TensorLike];
    }),
  );
}

/** The rows of tensors that share their first axis, as examples: [examples, ...] → [...] each, without a copy. */
export function tensorDataset(tensors: Batch): Dataset<Batch> {
  const entries = Object.entries(tensors);
  const length = entries[0]?.[1].dims[0] ?? 0;
  for (const [name, { dims, data }] of entries)
    if (dims[0] !== length || data.length !== elementCount(dims))
      throw wrongExample(`'${name}' is ${shown(dims)} with ${data.length} elements, but the first tensor has ${length} rows.`);
  return {
    length,
    get: (index) =>
      Object.fromEntries(
        entries.map(([name, { type, dims, data }]) => {
          const count = data.length / length;
          return [name, { type, dims: dims.slice(1), data: data.subarray(index * count, (index + 1) * count) } as TensorLike];
        }),
      ),
  };
}

/** Lets at most `limit` tasks run at the same time, the others in order. */
function limited(limit: number): <T>(task: () => T | Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      // The place passes to the next in line.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/** Loads batches of a dataset by the indices of their examples: the same in the caller's thread and in a worker. */
export function batchLoader<T>(
  dataset: Dataset<T> | readonly T[],
  { collate = stack as unknown as (examples: readonly T[]) => Batch, concurrency = 8 }: CollateOptions<T>,
): (indices: readonly number[], draw: Draw) => Promise<Batch> {
  checkOption('concurrency', concurrency, 1);
  const limit = limited(concurrency);
  const read = 'get' in dataset ? (index: number, own: Random) => dataset.get(index, own) : (index: number) => dataset[index]!;
  return async (indices, { seed, epoch }) => {
    const random = createRandom(seed).fork('example').fork(epoch);
    const batch = await collate(await Promise.all(indices.map((index) => limit(() => read(index, random.fork(index))))));
    checkTensors(batch, "what 'collate' gives");
    return batch;
  };
}
