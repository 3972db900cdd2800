import type { OrtModule, WorkerRuntime } from '@polymodal/autograd';

const inBrowser = 'location' in globalThis;

/** ONNX Runtime for this thread: Node's own, or WebAssembly where there is no Node. */
export const localRuntime = async (): Promise<OrtModule> =>
  (inBrowser ? await import('onnxruntime-web/wasm') : await import('onnxruntime-node')) as unknown as OrtModule;

/** The same for a worker; the browser's is where the browser suites' server has it. */
export function workerRuntime(): WorkerRuntime {
  if (inBrowser) return { worker: '/onnxruntime-web/ort.wasm.min.mjs' };
  const { createRequire } = process.getBuiltinModule('node:module');
  return { worker: createRequire(`${process.cwd()}/package.json`).resolve('onnxruntime-node') };
}

/** ONNX Runtime on WebGPU, and Node's own to compare with. */
export async function gpuRuntime(): Promise<{ readonly ort: OrtModule; readonly executionProviders: readonly string[] }> {
  const ort = inBrowser ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-node');
  return { ort: ort as unknown as OrtModule, executionProviders: [inBrowser ? 'webgpu' : 'cpu'] };
}

/** What this place lacks for WebGPU; Node compares on its CPU. Software takes seconds to start, so one place has to do. */
export async function gpuLack(): Promise<string | undefined> {
  if (!inBrowser) return undefined;
  if (!('document' in globalThis)) return 'WebGPU is for the page';
  const { gpu } = (globalThis as unknown as { navigator: { gpu?: { requestAdapter(): Promise<object | null> } } }).navigator;
  if (gpu === undefined) return 'no WebGPU';
  return (await gpu.requestAdapter()) === null ? 'no WebGPU adapter' : undefined;
}
