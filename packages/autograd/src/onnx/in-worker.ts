import type { DataOf, DType, TensorLike } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';
import type { Backend, Program, Tensor } from './backend.js';
import { checkModel, checkTensor, disposedError, foreignTensor, requestCheck } from './request.js';
import { runtimeError, type SessionSettings, sessionOptions } from './runtime.js';

/** The part of Node's and the browser's Worker that we use. */
interface WorkerLike {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
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

  /** Buffers in `transfer` move to the worker. */
  call<T>(call: string, payload: object = {}, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    this.worker ??= this.start();
    return this.worker.then((worker) => this.request<T>(worker, call, payload, transfer));
  }

  private request<T>(worker: WorkerLike, call: string, payload: object, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    const id = this.next++;
    worker.ref?.();
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, call, ...payload }, transfer);
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
    this.closed ??= disposedError();
    const worker = await this.worker?.catch(() => undefined);
    await worker?.terminate();
    this.fail(this.closed);
  }
}

class RemoteTensor implements Tensor {
  readonly location = 'worker';
  constructor(
    readonly held: HeldTensors,
    readonly handle: number,
    readonly type: DType,
    readonly dims: readonly number[],
  ) {}
  read(): Promise<DataOf<DType>> {
    return this.held.channel.call('read', { handle: this.handle });
  }
  dispose(): void {
    this.held.giveUp(this.handle);
  }
}

interface Remote {
  readonly handle: number;
  readonly type: DType;
  readonly dims: readonly number[];
}

/** The tensors that a worker holds for us. One that nobody here refers to is given up too, when its handle is collected. */
class HeldTensors {
  private readonly handles = new Set<number>();
  private readonly forgotten = new FinalizationRegistry<number>((handle) => this.giveUp(handle));

  constructor(readonly channel: Channel) {}

  keep({ handle, type, dims }: Remote): RemoteTensor {
    const tensor = new RemoteTensor(this, handle, type, dims);
    this.handles.add(handle);
    this.forgotten.register(tensor, handle);
    return tensor;
  }

  giveUp(handle: number): void {
    // A worker that has stopped holds no tensors any more.
    if (this.handles.delete(handle)) this.channel.call('dispose', { handle }).catch(() => {});
  }
}

/**
 * Numbers of its own, to be moved to the worker: cloning copies them twice, and with a view its whole buffer. Not `data.slice()`, which for
 * Node's Buffer is another view.
 */
const copyOf = <T extends ArrayBufferView>(data: T): T & ArrayBufferView<ArrayBuffer> => Uint8Array.prototype.slice.call(data) as never;

/** What crosses to the worker, and the buffers that move there with it. */
class Parcel {
  readonly transfer: ArrayBuffer[] = [];

  constructor(private readonly held: HeldTensors) {}

  data<T extends ArrayBufferView>(data: T): T {
    const own = copyOf(data);
    this.transfer.push(own.buffer);
    return own;
  }

  tensor(value: Tensor | TensorLike): number | TensorLike {
    if (!('data' in value)) return this.handle(value);
    checkTensor(value);
    return { type: value.type, dims: value.dims, data: this.data(value.data) } as TensorLike;
  }

  handle(value: Tensor): number {
    if (value instanceof RemoteTensor && value.held === this.held) return value.handle;
    throw foreignTensor(value);
  }
}

/** A backend whose sessions live in a worker, so that the caller's event loop stays free. Tensors stay there between runs. */
export function inWorkerBackend(runtime: string, settings: SessionSettings): Backend {
  const channel = new Channel(new URL('./worker.js', import.meta.url), runtime);
  const held = new HeldTensors(channel);
  // Handles that this side gives out are negative, so that they never meet the worker's own.
  let next = -1;
  return {
    name: `${runtime} (worker)`,
    tensor(value) {
      const handle = next--;
      const parcel = new Parcel(held);
      const sent = parcel.tensor(value);
      // An error here (the worker stopped) is thrown by the run that uses the tensor.
      channel.call('tensor', { handle, value: sent }, parcel.transfer).catch(() => {});
      return held.keep({ handle, type: value.type, dims: value.dims });
    },
    async compile(model, options): Promise<Program> {
      checkModel(model);
      const parcel = new Parcel(held);
      const call = {
        model: parcel.data(model),
        // The worker takes those of the runtime that it turned out to have imported.
        options: { web: sessionOptions({ ...settings, ...options }, true), other: sessionOptions({ ...settings, ...options }, false) },
      };
      const compiled = await channel.call<{ handle: number; inputNames: string[]; outputNames: string[] }>(
        'compile',
        call,
        parcel.transfer,
      );
      const { inputNames, outputNames } = compiled;
      const check = requestCheck(model, outputNames);
      return {
        inputNames,
        outputNames,
        async run(feeds, out = {}, fetch = outputNames) {
          check({ feeds, out, fetch });
          if (fetch.length === 0) return {};
          const parcel = new Parcel(held);
          const call = {
            session: compiled.handle,
            feeds: Object.fromEntries(inputNames.filter((name) => feeds[name]).map((name) => [name, parcel.tensor(feeds[name]!)])),
            out: Object.fromEntries(Object.entries(out).map(([name, value]) => [name, parcel.handle(value)])),
            fetch,
          };
          const results = await channel.call<Record<string, Remote>>('run', call, parcel.transfer);
          return Object.fromEntries(fetch.map((name) => [name, results[name] === undefined ? out[name]! : held.keep(results[name])]));
        },
        release: () => channel.call<void>('release', { session: compiled.handle }).catch(() => {}),
      };
    },
    dispose: () => channel.close(),
  };
}
