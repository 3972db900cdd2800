import type { DType } from '@polymodal/modality-registry';
import { AutogradError } from '../errors.js';

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
  /** The runtime's providers, the preferred one first, by name or with options: `['cuda', 'cpu']`, `[{ name: 'cuda', deviceId: 1 }, 'cpu']`. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/** A provider of ONNX Runtime, with options of its own. */
export type ExecutionProvider = string | { readonly name: string; readonly [option: string]: unknown };

const nameOf = (provider: ExecutionProvider): string => (typeof provider === 'string' ? provider : provider.name);

/** What a session is created with. In onnxruntime-web, what the GPU computes stays there until it is read. */
export function sessionOptions({ threads, spinning = true, executionProviders }: SessionSettings, web: boolean): object {
  const onDevice = web && executionProviders?.some((provider) => nameOf(provider) === 'webgpu');
  return {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(threads !== undefined && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    ...(executionProviders && { executionProviders }),
    ...(onDevice && { preferredOutputLocation: 'gpu-buffer' }),
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}

export const dtypeOf = (tensor: OrtTensor): DType => tensor.type as DType;

/** What a provider that is missing needs, by what ONNX Runtime says of it. */
const providerFixes: readonly (readonly [says: RegExp, fix: string])[] = [
  [
    /Failed to load shared library|_providers_(shared|cuda|tensorrt)/,
    "CUDA's libraries are not there: on Linux x64 with CUDA 12 and cuDNN 9, run 'npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12', or use ['cpu'].",
  ],
  [
    /WebGPU adapter/,
    "There is no GPU that WebGPU can use: check the browser's or the driver's support, or use ['wasm'] (['cpu'] in Node).",
  ],
  [
    /no available backend found|backend not found/,
    "This runtime has no such provider: onnxruntime-node has 'cpu' and, where installed, 'cuda'; onnxruntime-web 'wasm' and 'webgpu'.",
  ],
];

/** The runtime's own errors are plain text; ours carry a code, and say what to do about a provider that is missing. */
export function runtimeError(message: string, cause?: unknown): AutogradError {
  const known = providerFixes.find(([says]) => says.test(message));
  return new AutogradError({
    code: known === undefined ? 'AUTOGRAD_RUNTIME' : 'AUTOGRAD_PROVIDER',
    message,
    ...(known !== undefined && { fix: known[1] }),
    ...(cause !== undefined && { cause }),
  });
}
