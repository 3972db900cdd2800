import { createRequire } from 'node:module';
import type { OrtModule } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';

const require = createRequire(import.meta.url);
/** What a package finds, not we: transformers.js pins runtimes of its own. */
const loadedBy = (owner: string, name: string) => createRequire(require.resolve(owner))(name) as OrtModule;

/** The runtimes that exported files are for: the current one, the oldest in use, which comes with @xenova/transformers 2, and wasm. */
export const runtimes: readonly (readonly [string, OrtModule])[] = [
  ['ONNX Runtime', ort],
  ['ONNX Runtime 1.14', loadedBy('@xenova/transformers', 'onnxruntime-node')],
  ['ONNX Runtime Web', loadedBy('@huggingface/transformers', 'onnxruntime-web')],
];
