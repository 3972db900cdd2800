import type { TensorLike } from '@polymodal/modality-registry';
import { emitOnnx } from '../src/onnx/emit.js';
import * as ops from '../src/ops/index.js';

export const float32 = (values: number[], dims: readonly number[] = [values.length]): TensorLike => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});

/** y = 2x + 1, z = x². [length] */
export function twoOutputs(): Uint8Array {
  const x = ops.input('x', 'float32', ['length']);
  return emitOnnx({ outputs: { y: ops.add(ops.mul(x, 2), 1), z: ops.mul(x, x) } });
}
