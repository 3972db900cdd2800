import { AutogradError } from '../errors.js';
import type { Backend } from './backend.js';
import { inThreadBackend } from './in-thread.js';
import { inWorkerBackend } from './in-worker.js';
import type { OrtModule, SessionSettings } from './runtime.js';

export interface WorkerRuntime {
  /** What the worker imports: a package name, or a URL in a browser. */
  readonly worker: 'onnxruntime-node' | 'onnxruntime-web' | (string & {});
}

/**
 * ONNX Runtime as the engine. No package imports a runtime: it is passed in, or named for a worker to import.
 *
 * @example
 * import * as ort from 'onnxruntime-node';
 * const here = onnxBackend(ort);                                  // runs in this thread
 * const apart = onnxBackend({ worker: 'onnxruntime-node' });      // same code, free event loop
 */
export function onnxBackend(runtime: OrtModule | WorkerRuntime, settings: SessionSettings = {}): Backend {
  const given: Partial<OrtModule & WorkerRuntime> = runtime ?? {};
  if (given.worker !== undefined) return inWorkerBackend(given.worker, settings);
  if (given.InferenceSession === undefined || given.Tensor === undefined)
    throw new AutogradError({
      code: 'AUTOGRAD_RUNTIME',
      message: 'onnxBackend() was not given ONNX Runtime.',
      fix: "Pass the module: import * as ort from 'onnxruntime-node'.",
    });
  return inThreadBackend(runtime as OrtModule, settings);
}
