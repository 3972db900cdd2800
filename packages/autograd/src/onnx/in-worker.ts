import type { DataOf, DType, TensorLike } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';
import type { Backend, Program, Tensor } from './backend.js';
import { runtimeError, type SessionSettings, sessionOptions } from './runtime.js';

/** The part of Node's and the browser's Worker that we use. */
interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Node's: whether the worker keeps the process alive. */
  ref?(): void;
  unref?(): void;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Handlers {
  readonly message: (reply: Reply) => void;
  readonly failure: (error: unknown) => void;
}

function startWorker(url: URL, handlers: Handlers): WorkerLike {
  if (typeof globalThis.process === 'object' && globalThis.process.versions?.node !== undefined) {
    // Not an import, which bundlers for browsers would try to resolve.
    const { Worker } = globalThis.process.getBuiltinModule('node:worker_threads');
    const worker = new Worker(url);
    worker.on('message', handlers.message);
    worker.on('error', handlers.failure);
    worker.on('exit', (code) => handlers.failure(new Error(`the worker stopped with exit code ${code}`)));
    return worker;
  }
  const Browser = (
    globalThis as unknown as { Worker: new (url: URL, options: object) => WorkerLike & { onmessage: unknown; onerror: unknown } }
  ).Worker;
  const worker = new Browser(url, { type: 'module' });
  worker.onmessage = (event: { data: Reply }) => handlers.message(event.data);
  worker.onerror = handlers.failure;
  return worker;
}

/** One request at a time in flight per id; the worker answers in order. */
class Channel {
  private worker: Promise<WorkerLike> | undefined;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private next = 1;
  private closed: Error | undefined;
  /** Only work that is waited for keeps the process alive: a program that forgets dispose() still ends. */
  private idle: (() => void) | undefined;

  constructor(
    private readonly url: URL,
    private readonly runtime: string,
  ) {}

  call<T>(call: string, payload: object = {}): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    this.worker ??= this.start();
    return this.worker.then((worker) => this.request<T>(worker, call, payload));
  }

  private request<T>(worker: WorkerLike, call: string, payload: object): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    const id = this.next++;
    worker.ref?.();
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, call, ...payload });
    });
  }

  private async start(): Promise<WorkerLike> {
    const worker = startWorker(this.url, { message: (reply) => this.settle(reply), failure: (error) => this.fail(error) });
    this.idle = () => worker.unref?.();
    try {
      await this.request(worker, 'start', { runtime: this.runtime });
    } catch (cause) {
      // A worker that died has said so; one that answered could not import the runtime.
      this.closed ??= new AutogradError({
        code: 'AUTOGRAD_RUNTIME_MISSING',
        message: `the worker could not import '${this.runtime}' (${(cause as Error).message}).`,
        fix: `Install it: npm install ${this.runtime}`,
        cause,
      });
      worker.terminate();
      throw this.closed;
    }
    return worker;
  }

  private settle({ id, result, error }: Reply): void {
    const entry = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.idle?.();
    if (error === undefined) entry?.resolve(result);
    else entry?.reject(runtimeError(error));
  }

  private fail(cause: unknown): void {
    this.closed ??= new AutogradError({
      code: 'AUTOGRAD_WORKER_STOPPED',
      message: 'the runtime worker stopped.',
      fix: 'Create a new backend.',
      cause,
    });
    for (const { reject } of this.waiting.values()) reject(this.closed);
    this.waiting.clear();
  }

  async close(): Promise<void> {
    this.closed ??= new AutogradError({
      code: 'AUTOGRAD_DISPOSED',
      message: 'the backend has been disposed of.',
      fix: 'Create a new one.',
    });
    const worker = await this.worker?.catch(() => undefined);
    await worker?.terminate();
    this.fail(this.closed);
  }
}

class RemoteTensor implements Tensor {
  readonly location = 'worker';
  constructor(
    readonly channel: Channel,
    readonly handle: number,
    readonly type: DType,
    readonly dims: readonly number[],
  ) {}
  read(): Promise<DataOf<DType>> {
    return this.channel.call('read', { handle: this.handle });
  }
  dispose(): void {
    // A worker that has stopped holds no tensors any more.
    this.channel.call('dispose', { handle: this.handle }).catch(() => {});
  }
}

interface Remote {
  readonly handle: number;
  readonly type: DType;
  readonly dims: readonly number[];
}

/** A backend whose sessions live in a worker, so that the caller's event loop stays free. Tensors stay there between runs. */
export function inWorkerBackend(runtime: string, settings: SessionSettings): Backend {
  const channel = new Channel(new URL('./worker.js', import.meta.url), runtime);
  // Handles that this side gives out are negative, so that they never meet the worker's own.
  let next = -1;
  const unwrap = (value: Tensor | TensorLike): number | TensorLike => {
    if (value instanceof RemoteTensor && value.channel === channel) return value.handle;
    if ('data' in value) return { type: value.type, dims: value.dims, data: value.data };
    throw new AutogradError({
      code: 'AUTOGRAD_FOREIGN_TENSOR',
      message: `a tensor of another backend (${value.location}) was fed.`,
      fix: 'Read it and pass the data, or create it with this backend.',
    });
  };
  const unwrapAll = (values: Readonly<Record<string, Tensor | TensorLike>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unwrap(value)]));
  return {
    name: `${runtime} (worker)`,
    tensor(value) {
      const handle = next--;
      // An error here (the worker stopped) is thrown by the run that uses the tensor.
      channel.call('tensor', { handle, value: unwrap(value) }).catch(() => {});
      return new RemoteTensor(channel, handle, value.type, value.dims);
    },
    async compile(model, options): Promise<Program> {
      const compiled = await channel.call<{ handle: number; inputNames: string[]; outputNames: string[] }>('compile', {
        model,
        // The worker takes those of the runtime that it turned out to have imported.
        options: { web: sessionOptions({ ...settings, ...options }, true), other: sessionOptions({ ...settings, ...options }, false) },
      });
      return {
        inputNames: compiled.inputNames,
        outputNames: compiled.outputNames,
        async run(feeds, out = {}, fetch = compiled.outputNames) {
          const results = await channel.call<Record<string, Remote>>('run', {
            session: compiled.handle,
            feeds: unwrapAll(feeds),
            out: unwrapAll(out),
            fetch,
          });
          return Object.fromEntries(
            fetch.map((name) => {
              const own = results[name];
              return [name, own === undefined ? out[name]! : new RemoteTensor(channel, own.handle, own.type, own.dims)];
            }),
          );
        },
        release: () => channel.call<void>('release', { session: compiled.handle }).catch(() => {}),
      };
    },
    dispose: () => channel.close(),
  };
}
