import type { Dims } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';
import { type Geometry, onnxGeometry } from './convolution-geometry.js';

export interface WidenParts {
  /** [batch, in, …] */
  readonly narrow: string;
  /** [in, out / groups, …kernel] */
  readonly weight: string;
  readonly bias: string | undefined;
  readonly narrowDims: Dims;
  readonly weightDims: readonly number[];
  readonly outputPadding: readonly number[];
  readonly geometry: Geometry;
}

/**
 * A transposed convolution. ONNX Runtime's own operator works picture by picture on one thread, so the two cases that networks are made
 * of take another road: a stride of 1 is a convolution with the kernel turned round, and windows that do not overlap are one 1×1
 * convolution whose channels are then laid out as pixels. Both are two to five times as fast.
 */
export function emitWiden(emitter: Emitter, parts: WidenParts): string {
  if (isPlain(parts)) return emitTurned(emitter, parts);
  if (isTiling(parts)) return emitTiles(emitter, parts);
  const inputs = parts.bias === undefined ? [parts.narrow, parts.weight] : [parts.narrow, parts.weight, parts.bias];
  const kernel = parts.weightDims.slice(2);
  return emitter.node('ConvTranspose', inputs, { ...onnxGeometry(parts.geometry, kernel), output_padding: parts.outputPadding });
}

const reach = ({ geometry, weightDims }: WidenParts): number[] =>
  geometry.dilations.map((dilation, axis) => dilation * (weightDims[axis + 2]! - 1));

function isPlain(parts: WidenParts): boolean {
  const { strides, groups, pads } = parts.geometry;
  return (
    groups === 1 &&
    strides.every((stride) => stride === 1) &&
    reach(parts).every((span, axis) => pads[axis]!.every((zeros) => zeros <= span))
  );
}

function emitTurned(emitter: Emitter, parts: WidenParts): string {
  const { geometry, weightDims, outputPadding } = parts;
  const axes = geometry.strides.map((_, axis) => axis + 2);
  const swapped = emitter.node('Transpose', [parts.weight], { perm: [1, 0, ...axes] });
  const fromEnd = axes.map(() => -1);
  // An end far below zero: the slice runs to the first element, whatever the size.
  const toStart = axes.map(() => -(2 ** 31));
  const turned = emitter.node('Slice', [
    swapped,
    emitter.int64s(fromEnd),
    emitter.int64s(toStart),
    emitter.int64s(axes),
    emitter.int64s(fromEnd),
  ]);
  const pads = reach(parts).map((span, axis): [number, number] => [
    span - geometry.pads[axis]![0],
    span - geometry.pads[axis]![1] + outputPadding[axis]!,
  ]);
  const inputs = parts.bias === undefined ? [parts.narrow, turned] : [parts.narrow, turned, parts.bias];
  return emitter.node('Conv', inputs, onnxGeometry({ ...geometry, pads }, weightDims.slice(2)));
}

function isTiling({ geometry, weightDims, outputPadding, narrowDims }: WidenParts): boolean {
  return (
    geometry.groups === 1 &&
    narrowDims.every((dim) => typeof dim === 'number') &&
    geometry.strides.every((stride, axis) => stride === weightDims[axis + 2] && geometry.dilations[axis] === 1) &&
    outputPadding.every((extra) => extra === 0) &&
    geometry.pads.flat().every((zeros) => zeros === 0)
  );
}

function emitTiles(emitter: Emitter, { narrow, weight, bias, narrowDims, weightDims }: WidenParts): string {
  const [inputs, outputs, ...kernel] = weightDims as [number, number, ...number[]];
  const [batch, , ...sizes] = narrowDims as [number, number, ...number[]];
  const rank = kernel.length;
  const area = kernel.reduce((n, size) => n * size, 1);
  const ones = kernel.map(() => 1);
  const columns = emitter.node('Transpose', [emitter.node('Reshape', [weight, emitter.int64s([inputs, outputs * area])])], {
    perm: [1, 0],
  });
  const filters = emitter.node('Reshape', [columns, emitter.int64s([outputs * area, inputs, ...ones])]);
  const tiles = emitter.node('Conv', [narrow, filters]); // [batch, out · kernel, …sizes]
  const split = emitter.node('Reshape', [tiles, emitter.int64s([batch, outputs, ...kernel, ...sizes])]);
  const woven = emitter.node('Transpose', [split], { perm: [0, 1, ...kernel.flatMap((_, axis) => [2 + rank + axis, 2 + axis])] });
  const wide = emitter.node('Reshape', [woven, emitter.int64s([batch, outputs, ...sizes.map((size, axis) => size * kernel[axis]!)])]);
  return bias === undefined ? wide : emitter.node('Add', [wide, emitter.node('Reshape', [bias, emitter.int64s([outputs, ...ones])])]);
}
