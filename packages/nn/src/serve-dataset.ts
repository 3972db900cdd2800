import { PolymodalError, type TensorLike } from '@polymodal/modality-registry';
import { batchLoader, type CollateOptions, checkDataset, type Dataset } from './dataset.js';
import { TrainingError } from './errors.js';
import type { Batch } from './training-step.js';
import { disclose, enclose, type FromWorker, type SentError, type ToWorker } from './worker-dataset.js';

interface Port {
  postMessage(message: FromWorker, transfer?: readonly ArrayBuffer[]): void;
  receive(listener: (request: ToWorker) => void): void;
}

/** The way to whoever started this worker: in Node a port, in browsers the global scope. */
function workerPort(): Port {
  const hear = (posted: unknown, listener: (request: ToWorker) => void) => {
    const request = disclose<ToWorker>(posted);
    if (request !== undefined) listener(request);
  };
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads').parentPort;
  if (node)
    return {
      postMessage: (message, transfer = []) => node.postMessage(enclose(message), [...transfer]),
      receive: (listener) => void node.on('message', (posted) => hear(posted, listener)),
    };
  const scope = globalThis as unknown as {
    readonly WorkerGlobalScope?: unknown;
    postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
    onmessage: unknown;
  };
  if (scope.WorkerGlobalScope === undefined)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: 'serveDataset() was called outside a worker.',
      fix: 'Call it in the module that workerDataset() is given, or pass the dataset to dataLoader().',
    });
  return {
    postMessage: (message, transfer) => scope.postMessage(enclose(message), transfer),
    receive(listener) {
      scope.onmessage = (event: { data: unknown }) => hear(event.data, listener);
    },
  };
}

/** Tensors whose buffers are theirs alone, to be handed over; parts of larger buffers are copied out. */
function handedOver(batch: Batch): { readonly batch: Batch; readonly transfer: readonly ArrayBuffer[] } {
  const transfer = new Set<ArrayBuffer>();
  const own = ({ type, dims, data }: TensorLike): TensorLike => {
    // Not `data.slice()`, which for Node's Buffer is another view.
    const whole = data.byteLength === data.buffer.byteLength ? data : (Uint8Array.prototype.slice.call(data) as TensorLike['data']);
    if (whole.buffer instanceof ArrayBuffer && whole.byteLength > 0) transfer.add(whole.buffer);
    return { type, dims, data: whole } as TensorLike;
  };
  return { batch: Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, own(tensor)])), transfer: [...transfer] };
}

function sent(thrown: unknown): SentError {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { name, message, stack, code: PolymodalError.isInstance(thrown) ? thrown.code : undefined };
}

/**
 * Serves a dataset from a worker to the `workerDataset()` that started it. The tensors that `collate` makes are handed over: it must make
 * them anew. Throws `TrainingError` `TRAIN_OPTIONS` outside a worker.
 *
 * @example serveDataset({ length: files.length, get: async (index, random) => augment(await read(files[index]), random) });
 */
export function serveDataset<T>(dataset: Dataset<T> | readonly T[], options: CollateOptions<T> = {}): void {
  checkDataset(dataset);
  const load = batchLoader(dataset, options);
  const port = workerPort();
  port.receive(async ({ id, indices, seed, epoch }) => {
    try {
      const { batch, transfer } = handedOver(await load(indices, { seed, epoch }));
      port.postMessage({ id, batch }, transfer);
    } catch (error) {
      port.postMessage({ id, error: sent(error) });
    }
  });
  port.postMessage({ length: dataset.length });
}
