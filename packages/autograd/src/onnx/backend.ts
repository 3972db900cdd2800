import type { DataOf, DType, TensorLike } from '@polymodal/modality-registry';

/** A value that a backend holds: in this thread, in a worker, or on a device. */
export interface Tensor {
  readonly type: DType;
  readonly dims: readonly number[];
  readonly location: 'cpu' | 'worker' | 'gpu-buffer';
  /** A copy of the data, on the caller's side. */
  read(): Promise<DataOf<DType>>;
  /** Frees it now; one that nobody holds any more is freed some time later, unless it is on a GPU. */
  dispose(): void;
}

/** A compiled graph. */
export interface Program {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph. Feeds that it does not take are passed over. Tensors in `out` receive the outputs of those names in place, without an
   * allocation; they must not be among the feeds. Outputs that are not wanted are left out of `fetch` (default: all). Throws
   * {@link AutogradError} `AUTOGRAD_UNKNOWN_OUTPUT` for a name that is no output's, `AUTOGRAD_DIMENSION` where dimensions of one name differ,
   * `AUTOGRAD_SHAPE` where data do not fill their shape, `AUTOGRAD_FOREIGN_TENSOR` for a tensor of another backend, `AUTOGRAD_RUNTIME` for what
   * the runtime itself refuses.
   */
  run(
    feeds: Readonly<Record<string, Tensor | TensorLike>>,
    out?: Readonly<Record<string, Tensor>>,
    fetch?: readonly string[],
  ): Promise<Record<string, Tensor>>;
  /** Frees the program after the runs in hand; later ones are refused. */
  release(): Promise<void>;
}

export interface CompileOptions {
  /** Threads inside an operator; default: what the backend was created with. */
  readonly threads?: number;
}

/** What the engine needs of a runtime; small, so that another could stand in. */
export interface Backend {
  readonly name: string;
  compile(model: Uint8Array, options?: CompileOptions): Promise<Program>;
  tensor(value: TensorLike): Tensor;
  /** Refuses later calls, and stops the worker if there is one, with what waits for it. Calling it twice is harmless. */
  dispose(): Promise<void>;
}
