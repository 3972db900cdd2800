import type { DataOf, DType, TensorLike } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';
import type { Backend, Program, Tensor } from './backend.js';
import { dtypeOf, type OrtModule, type OrtTensor, runtimeError, type SessionSettings, sessionOptions, webEnv } from './runtime.js';

function failed(cause: unknown): never {
  throw runtimeError(cause instanceof Error ? cause.message : String(cause), cause);
}

class LocalTensor implements Tensor {
  constructor(public value: OrtTensor) {}
  get type(): DType {
    return dtypeOf(this.value);
  }
  get dims(): readonly number[] {
    return this.value.dims;
  }
  get location(): 'cpu' | 'gpu-buffer' {
    return this.value.location === 'gpu-buffer' ? 'gpu-buffer' : 'cpu';
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
    this.value = value;
    this.reading = undefined;
    return this;
  }
  dispose(): void {
    this.value.dispose();
  }
}

/** A backend whose sessions run in the caller's thread: the fastest, but `run` blocks the event loop in Node. */
export function inThreadBackend(ort: OrtModule, settings: SessionSettings): Backend {
  const wrap = ({ type, data, dims }: TensorLike): OrtTensor => new ort.Tensor(type as never, data as never, dims);
  const unwrap = (value: Tensor | TensorLike): OrtTensor => {
    if (value instanceof LocalTensor) return value.value;
    if ('data' in value) return wrap(value);
    throw new AutogradError({
      code: 'AUTOGRAD_FOREIGN_TENSOR',
      message: `a tensor of another backend (${value.location}) was fed.`,
      fix: 'Read it and pass the data, or create it with this backend.',
    });
  };
  const web = webEnv(ort);
  return {
    name: 'onnxruntime',
    tensor: (value) => new LocalTensor(wrap(value)),
    async compile(model, options): Promise<Program> {
      const threads = options?.threads ?? settings.threads;
      if (web !== undefined && threads !== undefined) web.wasm.numThreads = threads;
      const session = await ort.InferenceSession.create(model, sessionOptions({ ...settings, ...options }, web !== undefined)).catch(
        failed,
      );
      let released: Promise<void> | undefined;
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        async run(feeds, out = {}, fetch = session.outputNames) {
          const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, unwrap(value)]));
          const targets = fetch.map((name) => [name, out[name] === undefined ? null : unwrap(out[name])] as const);
          const fetches = Object.fromEntries(targets.map(([name, target]) => [name, web === undefined ? target : null]));
          const results = await session.run(inputs, fetches).catch(failed);
          const settle = (name: string, value: OrtTensor): Tensor => {
            const target = out[name];
            if (target === undefined) return new LocalTensor(value);
            // onnxruntime-web never copies an output back into a tensor of the caller's: there the tensor takes the new value over.
            return web !== undefined && target instanceof LocalTensor ? target.replace(value) : target;
          };
          return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, settle(name, value)]));
        },
        release: () => (released ??= session.release()),
      };
    },
    dispose: async () => {},
  };
}
