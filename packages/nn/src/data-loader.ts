import { createRandom } from '@polymodal/autograd';
import { batchLoader, type CollateOptions, checkDataset, checkOption, type Dataset } from './dataset.js';
import { TrainingError } from './errors.js';
import type { Batch } from './training-step.js';
import type { WorkerDataset } from './worker-dataset.js';

export interface LoaderOptions {
  readonly batchSize: number;
  /** Of the order and of each example's random numbers; default 0. */
  readonly seed?: number;
  /** A new order in every epoch; default true. */
  readonly shuffle?: boolean;
  /** Leaves out what does not fill a batch at an epoch's end; default true, as `train` wants batches of one shape. */
  readonly dropLast?: boolean;
  /** Batches that are loaded ahead; default 2, or as many as there are workers. */
  readonly prefetch?: number;
}

export interface DataLoaderOptions<T> extends LoaderOptions, CollateOptions<T> {}

/** The batch of a step, from 0 on and without end: what `train` takes as `data`. */
export interface DataLoader {
  (step: number): Promise<Batch>;
  readonly stepsPerEpoch: number;
  /** The examples of a step, in order. */
  indices(step: number): readonly number[];
}

/** What makes examples and batches is in the workers, and so are its options. */
function loadInWorkers<T>(dataset: WorkerDataset, options: DataLoaderOptions<T>): WorkerDataset['load'] {
  for (const name of ['collate', 'concurrency'] as const)
    if (options[name] !== undefined)
      throw new TrainingError({
        code: 'TRAIN_OPTIONS',
        message: `'${name}' of the data loader does not reach into workers.`,
        fix: "Pass it to serveDataset(), in the workers' module.",
      });
  return dataset.load;
}

/**
 * Batches of a dataset, shuffled anew in every epoch, the next ones loaded ahead. Which examples a step has depends on the options and the
 * step alone, so that a run resumes at any step. Throws {@link TrainingError} where no batch can be made of the dataset.
 *
 * @example train(model, { data: dataLoader(tensorDataset({ x, y }), { batchSize: 32, seed: 7 }), … })
 */
export function dataLoader(dataset: WorkerDataset, options: LoaderOptions): DataLoader;
export function dataLoader<T extends Batch>(dataset: Dataset<T> | readonly T[], options: DataLoaderOptions<T>): DataLoader;
export function dataLoader<T>(
  dataset: Dataset<T> | readonly T[],
  options: DataLoaderOptions<T> & Required<Pick<DataLoaderOptions<T>, 'collate'>>,
): DataLoader;
export function dataLoader<T>(dataset: Dataset<T> | readonly T[] | WorkerDataset, options: DataLoaderOptions<T>): DataLoader {
  checkDataset(dataset);
  const { batchSize, seed = 0, shuffle = true, dropLast = true } = options;
  const prefetch = options.prefetch ?? ('workers' in dataset ? Math.max(2, dataset.workers) : 2);
  for (const [name, value, least] of [
    ['batchSize', batchSize, 1],
    ['seed', seed, 0],
    ['prefetch', prefetch, 0],
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
  const orders = createRandom(seed).fork('order');
  const load = 'load' in dataset ? loadInWorkers(dataset, options) : batchLoader(dataset, options);

  let known: { readonly epoch: number; readonly order: readonly number[] } | undefined;
  const orderOf = (epoch: number): readonly number[] => {
    if (known?.epoch !== epoch) {
      const order = Array.from({ length }, (_, i) => i);
      known = { epoch, order: shuffle ? orders.fork(epoch).shuffle(order) : order };
    }
    return known.order;
  };
  const indices = (step: number): readonly number[] => {
    checkOption('step', step, 0);
    const at = (step % stepsPerEpoch) * batchSize;
    return orderOf(Math.floor(step / stepsPerEpoch)).slice(at, at + batchSize);
  };
  const loadStep = async (step: number) => load(indices(step), { seed, epoch: Math.floor(step / stepsPerEpoch) });

  /** The batches at hand: at most that of the step last asked for and the `prefetch` ones after it. */
  const ahead = new Map<number, Promise<Batch>>();
  const begin = (step: number): Promise<Batch> => {
    const batch = ahead.get(step) ?? loadStep(step);
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
