import type { Dims } from '../dims.js';
import { staticCount } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';
import type { Geometry } from './convolution-geometry.js';

export interface WeightGradientSites {
  readonly wide: string;
  readonly narrow: string;
  readonly wideDims: Dims;
  readonly narrowDims: Dims;
  readonly kernel: readonly number[];
  readonly geometry: Geometry;
}

const product = (values: readonly number[]): number => values.reduce((n, value) => n * value, 1);

/**
 * The gradient of a convolution's weight as one matrix product per group, [out, batch·windows] · [batch·windows, kernel·channels].
 * The windows are gathered from an input whose channels lie last, so that whole pixels are copied. Written as a convolution, as
 * textbooks have it, ONNX Runtime takes several times as long.
 */
export function emitWeightGradient(
  emitter: Emitter,
  { wide, narrow, wideDims, narrowDims, kernel, geometry }: WeightGradientSites,
): string {
  const { strides, pads, dilations, groups } = geometry;
  const rank = kernel.length;
  const batch = staticCount('convolution (gradient of the weight)', wideDims.slice(0, 1));
  const [channels, out] = [(wideDims[1] as number) / groups, (narrowDims[1] as number) / groups];
  const counts = narrowDims.slice(2) as number[];
  const sizes = wideDims.slice(2) as number[];
  const spatial = sizes.map((_, axis) => axis);

  // Pixels last: [groups, batch, …padded sizes, channels / groups].
  const split = emitter.node('Reshape', [wide, emitter.int64s([batch, groups, channels, ...sizes])]);
  const pixels = emitter.node('Transpose', [split], { perm: [1, 0, ...spatial.map((axis) => axis + 3), 2] });
  const before = [0, 0, ...pads.map(([zeros]) => zeros), 0];
  const after = [0, 0, ...pads.map(([, zeros]) => zeros), 0];
  const padded = pads.flat().some((zeros) => zeros > 0)
    ? emitter.node('Pad', [pixels, emitter.int64s([...before, ...after])], { mode: 'constant' })
    : pixels;
  const paddedSizes = sizes.map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);

  // Offsets of every (window, kernel element), in pixels of the padded input.
  let offsets = [0];
  const extend = (lengths: readonly number[], steps: readonly number[]) => {
    for (const axis of spatial) {
      const scale = product(paddedSizes.slice(axis + 1));
      offsets = offsets.flatMap((base) => Array.from({ length: lengths[axis]! }, (_, i) => base + i * steps[axis]! * scale));
    }
  };
  extend(counts, strides);
  extend(kernel, dilations);
  const flat = emitter.node('Reshape', [padded, emitter.int64s([groups, batch, product(paddedSizes), channels])]);
  const gathered = emitter.node('Gather', [flat, emitter.int64s(offsets)], { axis: 2 });
  const windows = emitter.node('Reshape', [gathered, emitter.int64s([groups, batch * product(counts), product(kernel) * channels])]);

  // [groups, out / groups, batch·windows]
  const narrowSplit = emitter.node('Reshape', [narrow, emitter.int64s([batch, groups, out, product(counts)])]);
  const narrowTurned = emitter.node('Transpose', [narrowSplit], { perm: [1, 2, 0, 3] });
  const left = emitter.node('Reshape', [narrowTurned, emitter.int64s([groups, out, batch * product(counts)])]);

  const weight = emitter.node('MatMul', [left, windows]); // [groups, out / groups, kernel·channels]
  const unpacked = emitter.node('Reshape', [weight, emitter.int64s([groups * out, ...kernel, channels])]);
  return emitter.node('Transpose', [unpacked], { perm: [0, rank + 1, ...spatial.map((axis) => axis + 1)] });
}
