import { PolymodalError } from '@polymodal/modality-registry';
import type { Draw } from './dataset.js';
import { TrainingError } from './errors.js';
import type { Batch } from './training-step.js';

/** The part of a Web Worker, or of a `Worker` of `node:worker_threads`, that is used. */
export interface DatasetWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

interface NodeWorker extends DatasetWorker {
  on(event: string, listener: (value: never) => void): unknown;
  /** Whether the worker keeps the process alive. */
  ref(): void;
  unref(): void;
}

interface WebWorker extends DatasetWorker {
  onmessage: unknown;
  onmessageerror: unknown;
  onerror: unknown;
}

export interface WorkerDatasetOptions {
  /** How many run at the same time, each with the dataset of its own; default 2. */
  readonly workers?: number;
  /** Stops the workers; batches that are under way are rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** A dataset in workers, for `dataLoader`. */
export interface WorkerDataset {
  readonly length: number;
  readonly workers: number;
  /** A batch, whose tensors are transferred and not copied. */
  load(indices: readonly number[], draw: Draw): Promise<Batch>;
  /** Stops the workers; calling it twice is harmless. */
  release(): Promise<void>;
}

/** An error of a worker, which loses its class on the way. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of errors that Polymodal's packages throw. */
  readonly code: string | undefined;
}

/** What workers say: first the dataset's length, then a batch or an error for each request. */
export type FromWorker =
  | { readonly length: number }
  | { readonly id: number; readonly batch: Batch }
  | { readonly id: number; readonly error: SentError };

export interface ToWorker extends Draw {
  readonly id: number;
  readonly indices: readonly number[];
}

/** Marks what data sets and their workers say to each other: what else is posted passes by. */
interface Envelope<T> {
  readonly polymodalDataset: T;
}

export const enclose = <T>(message: T): Envelope<T> => ({ polymodalDataset: message });

/** What was enclosed; undefined for the messages of others. */
export const disclose = <T>(message: unknown): T | undefined => (message as Partial<Envelope<T>> | null | undefined)?.polymodalDataset;

function received({ name, message, stack, code }: SentError): Error {
  const error = code === undefined ? new Error(message) : new PolymodalError({ code, message });
  return Object.assign(error, { name, ...(stack !== undefined && { stack }) });
}

function stopped(cause: unknown): TrainingError {
  const reason = (cause as { message?: string } | undefined)?.message ?? 'its script could not be loaded';
  return new TrainingError({
    code: 'TRAIN_WORKER',
    message: `a worker of the dataset stopped: ${reason}.`,
    fix: "See that its module calls serveDataset() and does not end the worker; fewer 'workers' take less memory. Then make a new workerDataset().",
    cause,
  });
}

function startModule(url: URL): DatasetWorker {
  if (typeof globalThis.process === 'object' && globalThis.process.versions?.node !== undefined) {
    // Not an import, which bundlers for browsers would try to resolve.
    const { Worker } = globalThis.process.getBuiltinModule('node:worker_threads');
    return new Worker(url);
  }
  const Browser = (globalThis as unknown as { Worker: new (url: URL, options: object) => DatasetWorker }).Worker;
  return new Browser(url, { type: 'module' });
}

function listen(worker: DatasetWorker, message: (value: unknown) => void, failure: (cause: unknown) => void): void {
  if ('on' in worker) {
    const node = worker as NodeWorker;
    node.on('message', message);
    node.on('messageerror', failure);
    node.on('error', failure);
    node.on('exit', (code) => failure(new Error(`it ended with exit code ${code}`)));
  } else {
    const web = worker as WebWorker;
    web.onmessage = (event: { data: unknown }) => message(event.data);
    web.onmessageerror = failure;
    web.onerror = failure;
  }
}

interface Waiting {
  resolve(batch: Batch): void;
  reject(error: unknown): void;
}

/** One worker: its first message is the dataset's length, then it answers requests. */
class Connection {
  readonly waiting = new Map<number, Waiting>();
  readonly length: Promise<number>;
  private refuse: (reason: unknown) => void = () => {};

  constructor(
    private readonly worker: DatasetWorker & Partial<Pick<NodeWorker, 'ref' | 'unref'>>,
    failed: (cause: unknown) => void,
  ) {
    this.length = new Promise((resolve, reject) => {
      this.refuse = reject;
      const hear = (posted: unknown) => {
        const message = disclose<FromWorker>(posted);
        if (message === undefined) return;
        if ('length' in message) resolve(message.length);
        else this.settle(message);
      };
      listen(worker, hear, failed);
    });
    this.length.then(
      () => this.rest(),
      () => {}, // Thrown where it is waited for.
    );
  }

  send(request: ToWorker): Promise<Batch> {
    this.worker.ref?.();
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      this.worker.postMessage(enclose(request));
    });
  }

  private settle(message: Exclude<FromWorker, { readonly length: number }>): void {
    const entry = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    this.rest();
    if ('batch' in message) entry?.resolve(message.batch);
    else entry?.reject(received(message.error));
  }

  /** Only a batch that is waited for keeps the process alive. */
  private rest(): void {
    if (this.waiting.size === 0) this.worker.unref?.();
  }

  async stop(reason: unknown): Promise<void> {
    this.refuse(reason);
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
    await this.worker.terminate();
  }
}

/**
 * A dataset whose batches are made in workers: each imports the module, which calls `serveDataset()`. Batches are the same, bit for bit, as in
 * the caller's thread and with any number of workers. Idle workers do not keep a Node process alive. Pass a function that makes a worker where
 * a bundler must see it, or where it needs options.
 *
 * Throws {@link TrainingError} `TRAIN_WORKER` where a worker stops, then and for every batch after it; a batch's own error comes with its
 * message and stack. Browsers do not tell of a worker that calls `close()`: abort by `signal` where one might.
 *
 * @example const examples = await workerDataset(new URL('./examples.js', import.meta.url), { workers: 2 });
 * @example const examples = await workerDataset(() => new Worker(new URL('./examples.js', import.meta.url), { type: 'module' }));
 */
export async function workerDataset(
  module: URL | (() => DatasetWorker),
  { workers = 2, signal }: WorkerDatasetOptions = {},
): Promise<WorkerDataset> {
  if (!Number.isSafeInteger(workers) || workers < 1)
    throw new TrainingError({ code: 'TRAIN_OPTIONS', message: `'workers' is ${workers}.`, fix: 'Pass an integer of at least 1.' });
  signal?.throwIfAborted();
  const connections: Connection[] = [];
  let closed: { readonly reason: unknown } | undefined;
  const close = async (reason: unknown): Promise<void> => {
    closed ??= { reason };
    signal?.removeEventListener('abort', abort);
    await Promise.all(connections.map((connection) => connection.stop(closed!.reason)));
  };
  const abort = () => void close(signal!.reason);
  const release = () =>
    close(new TrainingError({ code: 'TRAIN_RELEASED', message: "the dataset's workers have been released.", fix: 'Make a new one.' }));
  signal?.addEventListener('abort', abort);

  const start = (): DatasetWorker => {
    const worker: unknown = typeof module === 'function' ? module() : startModule(module);
    if (typeof Object(worker).postMessage === 'function') return worker as DatasetWorker;
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `the function that starts a worker gives ${worker instanceof Promise ? 'a Promise' : String(worker)}.`,
      fix: 'Let it give the worker itself: () => new Worker(…).',
    });
  };
  const begin = async () => {
    for (let i = 0; i < workers; i++) connections.push(new Connection(start(), (cause) => void close(stopped(cause))));
    const [length = 0, ...others] = await Promise.all(connections.map((connection) => connection.length));
    if (others.some((other) => other !== length))
      throw new TrainingError({
        code: 'TRAIN_OPTIONS',
        message: `the workers have datasets of ${[length, ...others].join(', ')} examples.`,
        fix: 'Make the dataset the same in every worker.',
      });
    return length;
  };
  const length = await begin().catch(async (error) => {
    await close(error);
    throw error;
  });

  let next = 0;
  return {
    length,
    workers,
    load(indices, { seed, epoch }) {
      if (closed !== undefined) return Promise.reject(closed.reason);
      const idlest = connections.reduce((best, other) => (other.waiting.size < best.waiting.size ? other : best));
      return idlest.send({ id: next++, indices, seed, epoch });
    },
    release,
  };
}
