import type { DataOf, DType, TensorLike } from '@polymodal/modality-registry';
import type { Backend, Program, Tensor } from './backend.js';
import { checkModel, checkTensor, disposedError, foreignTensor, requestCheck } from './request.js';
import { dtypeOf, type OrtModule, type OrtTensor, runtimeError, type SessionSettings, sessionOptions, webEnv } from './runtime.js';

function failed(cause: unknown): never {
  throw runtimeError(cause instanceof Error ? cause.message : String(cause), cause);
}

class LocalTensor implements Tensor {
  private released = false;
  constructor(private current: OrtTensor) {}
  get value(): OrtTensor {
    if (this.released) failed(new Error('the tensor has been released.'));
    return this.current;
  }
  get type(): DType {
    return dtypeOf(this.current);
  }
  get dims(): readonly number[] {
    return this.current.dims;
  }
  get location(): 'cpu' | 'gpu-buffer' {
    return this.current.location === 'gpu-buffer' ? 'gpu-buffer' : 'cpu';
  }
  /** The runtime refuses a second read of what is on its way from a device: that one waits for the first. */
  private reading: Promise<unknown> | undefined;
  async read(): Promise<DataOf<DType>> {
    this.reading ??= this.value.getData().finally(() => {
      this.reading = undefined;
    });
    return ((await this.reading) as DataOf<DType>).slice();
  }
  /** Stands for a new value of the same shape from now on. */
  replace(value: OrtTensor): this {
    if (value.dims.join() !== this.dims.join())
      failed(new Error(`an output of shape [${value.dims}] was to be written to a tensor of shape [${this.dims}].`));
    this.value.dispose();
    this.current = value;
    this.reading = undefined;
    return this;
  }
  dispose(): void {
    if (!this.released) this.current.dispose();
    this.released = true;
  }
}

const lastOf = new WeakMap<OrtModule, Promise<unknown>>();

/** Does one thing of a runtime after the other: onnxruntime-web fails, or never answers, where two are under way on WebGPU. */
function inTurn<T>(ort: OrtModule, work: () => Promise<T>): Promise<T> {
  const result = (lastOf.get(ort) ?? Promise.resolve()).then(work);
  const over = () => {};
  lastOf.set(ort, result.then(over, over));
  return result;
}

/** A backend whose sessions run in the caller's thread: the fastest, but `run` blocks the event loop in Node. */
export function inThreadBackend(ort: OrtModule, settings: SessionSettings): Backend {
  const wrap = (value: TensorLike): OrtTensor => {
    checkTensor(value);
    try {
      return new ort.Tensor(value.type as never, value.data as never, value.dims);
    } catch (cause) {
      return failed(cause);
    }
  };
  const own = (value: Tensor | TensorLike): OrtTensor => {
    if (value instanceof LocalTensor) return value.value;
    throw foreignTensor(value);
  };
  const unwrap = (value: Tensor | TensorLike): OrtTensor => ('data' in value ? wrap(value) : own(value));
  let disposed = false;
  const web = webEnv(ort);
  const turn = <T>(work: () => Promise<T>): Promise<T> => (web === undefined ? work() : inTurn(ort, work));
  return {
    name: 'onnxruntime',
    tensor: (value) => new LocalTensor(wrap(value)),
    async compile(model, options): Promise<Program> {
      if (disposed) throw disposedError();
      checkModel(model);
      const threads = options?.threads ?? settings.threads;
      if (web !== undefined && threads !== undefined) web.wasm.numThreads = threads;
      const session = await turn(() =>
        ort.InferenceSession.create(model, sessionOptions({ ...settings, ...options }, web !== undefined)),
      ).catch(failed);
      const { inputNames, outputNames } = session;
      const check = requestCheck(model, outputNames);
      const running = new Set<Promise<unknown>>();
      let released: Promise<void> | undefined;
      return {
        inputNames,
        outputNames,
        async run(feeds, out = {}, fetch = outputNames) {
          if (disposed) throw disposedError();
          if (released !== undefined) failed(new Error('the program has been released.'));
          check({ feeds, out, fetch });
          if (fetch.length === 0) return {}; // The runtime would take an empty list for a list of all.
          const inputs = Object.fromEntries(inputNames.filter((name) => feeds[name]).map((name) => [name, unwrap(feeds[name]!)]));
          const targets = fetch.map((name) => [name, out[name] === undefined ? null : own(out[name])] as const);
          const fetches = Object.fromEntries(targets.map(([name, target]) => [name, web === undefined ? target : null]));
          const run = turn(() => session.run(inputs, fetches));
          running.add(run);
          const results = await run.catch(failed).finally(() => running.delete(run));
          const settle = (name: string, value: OrtTensor): Tensor => {
            const target = out[name];
            if (target === undefined) return new LocalTensor(value);
            // onnxruntime-web never copies an output back into a tensor of the caller's: there the tensor takes the new value over.
            return web !== undefined && target instanceof LocalTensor ? target.replace(value) : target;
          };
          return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, settle(name, value)]));
        },
        release: () => (released ??= Promise.allSettled(running).then(() => turn(() => session.release()))),
      };
    },
    async dispose() {
      disposed = true;
    },
  };
}
