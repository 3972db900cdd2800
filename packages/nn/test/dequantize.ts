import { elementCount } from '@polymodal/modality-registry';
import type { QuantizedWeights } from '../src/quantize.js';

/** What a runtime computes from quantised weights: (data − zeroPoint) · scale, in float32. */
export function dequantizeWeights({ data, dims, scale, zeroPoint, axis }: QuantizedWeights): Float32Array {
  const stride = elementCount(dims.slice(axis === undefined ? 0 : axis + 1));
  return Float32Array.from(data, (value, i) => {
    const channel = Math.floor(i / stride) % scale.length;
    return (value - zeroPoint[channel]!) * scale[channel]!;
  });
}
