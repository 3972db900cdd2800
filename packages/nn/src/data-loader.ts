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

export interface DataLoaderOptions<T> {
  readonly batchSize: number;
  /** Of the order and of each example's random numbers; default 0. */
  readonly seed?: number;
  /** A new order in every epoch; default true. */
  readonly shuffle?: boolean;
  /** Leaves out what does not fill a batch at an epoch's end; default true, as `train` wants batches of one shape. */
  readonly dropLast?: boolean;
  /** Makes a batch of examples; default {@link stack}, for examples that are batches without their first axis. */
  readonly collate?: (examples: readonly T[]) => Batch;
  /** Batches that are loaded ahead; default 2. */
  readonly prefetch?: number;
  /** Examples that are loaded at the same time; default 8. */
  readonly concurrency?: number;
}

/** The batch of a step, from 0 on and without end: what `train` takes as `data`. */
export interface DataLoader {
  (step: number): Promise<Batch>;
  readonly stepsPerEpoch: number;
  /** The examples of a step, in order. */
  indices(step: number): readonly number[];
}

function checkOption(name: string, value: number, least: number): void {
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

/** Joins examples along a new first axis. [...] each → [examples, ...]. Throws {@link TrainingError} `TRAIN_BATCH` where they differ. */
export function stack(examples: readonly Batch[]): Batch {
  const [first = {}] = examples;
  return Object.fromEntries(
    Object.entries(first).map(([name, { type, dims, data }]) => {
      const count = elementCount(dims);
      const all = new (data.constructor as new (length: number) => TensorLike['data'])(count * examples.length);
      examples.forEach((example, i) => {
        const one = example[name];
        const same = one?.type === type && shown(one.dims) === shown(dims) && one.data.length === count;
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

/**
 * Batches of a dataset, shuffled anew in every epoch, the next ones loaded ahead. Which examples a step has depends on the options and the
 * step alone, so that a run resumes at any step. Throws {@link TrainingError} where no batch can be made of the dataset.
 *
 * @example train(model, { data: dataLoader(tensorDataset({ x, y }), { batchSize: 32, seed: 7 }), … })
 */
export function dataLoader<T extends Batch>(dataset: Dataset<T> | readonly T[], options: DataLoaderOptions<T>): DataLoader;
export function dataLoader<T>(
  dataset: Dataset<T> | readonly T[],
  options: DataLoaderOptions<T> & Required<Pick<DataLoaderOptions<T>, 'collate'>>,
): DataLoader;
export function dataLoader<T>(dataset: Dataset<T> | readonly T[], options: DataLoaderOptions<T>): DataLoader {
  const { batchSize, seed = 0, shuffle = true, dropLast = true, prefetch = 2, concurrency = 8 } = options;
  const collate = options.collate ?? (stack as unknown as (examples: readonly T[]) => Batch);
  for (const [name, value, least] of [
    ['batchSize', batchSize, 1],
    ['seed', seed, 0],
    ['prefetch', prefetch, 0],
    ['concurrency', concurrency, 1],
  ] as const)
    checkOption(name, value, least);
  const { length } = dataset;
  const stepsPerEpoch = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  if (!(stepsPerEpoch >= 1))
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `the dataset has ${length} examples, which do not fill a batch of ${batchSize}.`,
      fix: 'Pass more examples, a smaller batchSize, or dropLast: false.',
    });
  const random = createRandom(seed);
  const read = 'get' in dataset ? (index: number, own: Random) => dataset.get(index, own) : (index: number) => dataset[index]!;

  let known: { readonly epoch: number; readonly order: readonly number[] } | undefined;
  const orderOf = (epoch: number): readonly number[] => {
    if (known?.epoch !== epoch) {
      const order = Array.from({ length }, (_, i) => i);
      known = { epoch, order: shuffle ? random.fork('order').fork(epoch).shuffle(order) : order };
    }
    return known.order;
  };
  const indices = (step: number): readonly number[] => {
    checkOption('step', step, 0);
    const at = (step % stepsPerEpoch) * batchSize;
    return orderOf(Math.floor(step / stepsPerEpoch)).slice(at, at + batchSize);
  };
  const limit = limited(concurrency);
  const load = async (step: number): Promise<Batch> => {
    const own = random.fork('example').fork(Math.floor(step / stepsPerEpoch));
    return collate(await Promise.all(indices(step).map((index) => limit(() => read(index, own.fork(index))))));
  };

  /** The batches at hand: at most that of the step last asked for and the `prefetch` ones after it. */
  const ahead = new Map<number, Promise<Batch>>();
  const begin = (step: number): Promise<Batch> => {
    const batch = ahead.get(step) ?? load(step);
    ahead.set(step, batch);
    batch.catch(() => {}); // Thrown where the batch is asked for.
    return batch;
  };
  const batchOf = (step: number): Promise<Batch> => {
    for (const other of ahead.keys()) if (other < step || other > step + prefetch) ahead.delete(other);
    const batch = begin(step);
    // Not before the batch itself is there: it must not wait for those that come later.
    void batch.then(
      () => {
        for (let later = step + 1; later <= step + prefetch && ahead.has(step); later++) begin(later);
      },
      () => ahead.delete(step),
    );
    return batch;
  };
  return Object.assign(batchOf, { stepsPerEpoch, indices });
}
