import type { DType } from '@polymodal/modality-registry';

/** The part of onnxruntime-common that we use, so that no runtime is imported for its types. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
  readonly location: string;
  getData(): Promise<unknown>;
  dispose(): void;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OrtTensor>, fetches: Record<string, OrtTensor | null>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

/** What `import * as ort from 'onnxruntime-node'` (or `-web`) gives. */
export interface OrtModule {
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options?: object): Promise<OrtSession> };
  readonly env?: object;
}

/** The settings of onnxruntime-web; undefined for another runtime. */
export function webEnv({ env }: OrtModule): { readonly wasm: { numThreads?: number } } | undefined {
  const { versions, wasm } = (env ?? {}) as { versions?: { web?: string }; wasm?: { numThreads?: number } };
  return versions?.web === undefined || wasm === undefined ? undefined : { wasm };
}

export interface SessionSettings {
  /** Threads inside an operator; default: the runtime's, one per physical core. onnxruntime-web takes those of the first program for all. */
  readonly threads?: number;
  /** Whether idle threads spin (faster) or sleep (leaves the cores to others). Default true. */
  readonly spinning?: boolean;
  readonly executionProviders?: readonly string[];
}

export function sessionOptions({ threads, spinning = true, executionProviders }: SessionSettings): object {
  return {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(threads !== undefined && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    ...(executionProviders && { executionProviders }),
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}

export const dtypeOf = (tensor: OrtTensor): DType => tensor.type as DType;
