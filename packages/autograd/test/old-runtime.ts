import { createRequire } from 'node:module';
import type * as ort from 'onnxruntime-node';

/** Where @xenova/transformers has its own ONNX Runtime 1.14, an optional dependency; undefined where that is not installed. */
function oldRuntimePath(): string | undefined {
  try {
    const transformers = createRequire(import.meta.url).resolve('@xenova/transformers');
    const path = createRequire(transformers).resolve('onnxruntime-node');
    return path.includes('transformers') ? path : undefined;
  } catch {
    return undefined;
  }
}

const path = oldRuntimePath();

/** The oldest runtime in use, or undefined where it is not installed. */
export const oldRuntime: typeof ort | undefined = path === undefined ? undefined : ((await import(path)).default as typeof ort);
