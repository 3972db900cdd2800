import { type Dims, staticCount } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';
import { type Geometry, onnxGeometry } from './convolution-geometry.js';
import { emitPlaceSums } from './place-table.js';

export interface WeightGradientParts {
  /** The convolution's input and the gradient of its output. */
  readonly wide: string;
  readonly narrow: string;
  readonly wideDims: Dims;
  readonly narrowDims: Dims;
  readonly kernel: readonly number[];
  readonly geometry: Geometry;
}

const product = (values: readonly number[]): number => values.reduce((n, value) => n * value, 1);

/** The gradient of a convolution's weight, [out, channels / groups, …kernel], in the form that is fastest on ONNX Runtime's CPU provider. */
export function emitWeightGradient(emitter: Emitter, parts: WeightGradientParts): string {
  const { wideDims, narrowDims, kernel, geometry } = parts;
  const batch = staticCount('convolution (gradient of the weight)', wideDims.slice(0, 1));
  if (batch === 0) {
    const dims = [narrowDims[1] as number, (wideDims[1] as number) / geometry.groups, ...kernel];
    return emitter.constant({ type: 'float32', dims, data: new Float32Array(product(dims)) });
  }
  const isDepthwise = wideDims[1] === geometry.groups;
  return isDepthwise ? emitDepthwise(emitter, parts, batch) : emitProduct(emitter, parts, batch);
}

/** Numbers in the windows that are gathered at once: 8 MiB, so that the caches hold much of them. */
const mostGathered = 2 ** 21;

/**
 * One matrix product per group, [out, batch·windows] · [batch·windows, kernel·channels], for a few rows of windows at a time where all would
 * take much memory. The windows are gathered from an input whose channels lie last, so that whole pixels are copied; strided slices take
 * twice as long.
 */
function emitProduct(emitter: Emitter, parts: WeightGradientParts, batch: number): string {
  const { wide, narrow, wideDims, narrowDims, kernel, geometry } = parts;
  const { pads, groups } = geometry;
  const [channels, out] = [(wideDims[1] as number) / groups, (narrowDims[1] as number) / groups];
  const sizes = (wideDims.slice(2) as number[]).map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);
  const counts = narrowDims.slice(2) as number[];

  // Padded before it is turned: planes whose size is a power of two would meet in the same cache lines (15 times slower).
  const padding = [0, 0, ...pads.map(([before]) => before), 0, 0, ...pads.map(([, after]) => after)];
  const padded = padding.some((zeros) => zeros > 0) ? emitter.node('Pad', [wide, emitter.int64s(padding)], { mode: 'constant' }) : wide;
  // A swap of the last two of three axes is what the runtime turns fastest; groups then move as blocks.
  const planes = emitter.node('Reshape', [padded, emitter.int64s([batch * groups, channels, product(sizes)])]);
  const turned = emitter.node('Transpose', [planes], { perm: [0, 2, 1] });
  const pixels = groupsFirst(emitter, turned, [batch, groups, product(sizes), channels]);
  const windows = windowsOf(emitter, pixels, { sizes, kernel, geometry, batch, channels });

  const perRow = batch * groups * channels * product(kernel) * product(counts.slice(1));
  const rowsAtOnce = Math.max(1, Math.floor(mostGathered / Math.max(1, perRow)));
  const weight = Array.from({ length: Math.max(1, Math.ceil(counts[0]! / rowsAtOnce)) }, (_, i) => {
    const [from, to] = [i * rowsAtOnce, Math.min(counts[0]!, (i + 1) * rowsAtOnce)];
    const rows = [to - from, ...counts.slice(1)];
    const own =
      to - from === counts[0] ? narrow : emitter.node('Slice', [narrow, emitter.int64s([from]), emitter.int64s([to]), emitter.int64s([2])]);
    const outputs = emitter.node('Reshape', [own, emitter.int64s([batch, groups * out, product(rows)])]);
    const outputsFirst = emitter.node('Transpose', [outputs], { perm: [1, 0, 2] });
    const matrix = emitter.node('Reshape', [outputsFirst, emitter.int64s([groups, out, batch * product(rows)])]);
    return emitter.node('MatMul', [matrix, windows(from, rows)]); // [groups, out / groups, kernel·channels]
  }).reduce((sum, part) => emitter.node('Add', [sum, part]));
  const unpacked = emitter.node('Reshape', [weight, emitter.int64s([groups * out, product(kernel), channels])]);
  const channelsFirst = emitter.node('Transpose', [unpacked], { perm: [0, 2, 1] });
  return emitter.node('Reshape', [channelsFirst, emitter.int64s([groups * out, channels, ...kernel])]);
}

/** [batch·groups, …] → [groups, batch, …] */
function groupsFirst(emitter: Emitter, x: string, [batch, groups, ...rest]: readonly [number, number, ...number[]]): string {
  if (groups === 1) return emitter.node('Reshape', [x, emitter.int64s([1, batch, ...rest])]);
  return emitter.node('Transpose', [emitter.node('Reshape', [x, emitter.int64s([batch, groups, ...rest])])], { perm: [1, 0, 2, 3] });
}

interface Windows {
  /** Of the padded input. */
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly geometry: Geometry;
  readonly batch: number;
  readonly channels: number;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/**
 * Of [groups, batch, pixels, channels] the windows that begin at row `from`, [groups, batch·windows, kernel·channels]. Neighbours in a row of
 * pixels are moved as one block where all windows begin and end between blocks.
 */
function windowsOf(emitter: Emitter, pixels: string, { sizes, kernel, geometry, batch, channels }: Windows) {
  const { strides, dilations, groups } = geometry;
  const last = sizes.length - 1;
  const block = dilations[last] === 1 ? [strides[last]!, kernel[last]!].reduce(commonDivisor, sizes[last]!) : 1;
  const inBlocks = (values: readonly number[]) => values.map((value, axis) => (axis === last ? value / block : value));
  const [blockSizes, blockKernel, blockStrides] = [inBlocks(sizes), inBlocks(kernel), inBlocks(strides)];
  const shape = [groups, batch, product(blockSizes), block * channels];
  const blocks = block === 1 ? pixels : emitter.node('Reshape', [pixels, emitter.int64s(shape)]);
  const multiples = (count: number, step: number, axis: number) =>
    Array.from({ length: count }, (_, i) => i * step * product(blockSizes.slice(axis + 1)));
  const inWindow = blockKernel.map((count, axis) => multiples(count, dilations[axis]!, axis));
  return (from: number, rows: readonly number[]): string => {
    const starts = rows.map((count, axis) =>
      multiples(count + (axis === 0 ? from : 0), blockStrides[axis]!, axis).slice(axis === 0 ? from : 0),
    );
    const gathered = emitter.node('Gather', [blocks, emitPlaceSums(emitter, [...starts, ...inWindow])], { axis: 2 });
    return emitter.node('Reshape', [gathered, emitter.int64s([groups, batch * product(rows), product(kernel) * channels])]);
  };
}

/**
 * The textbook form: the input convolved with the gradient of the output, stride and dilation exchanged. Slow in general, but where every
 * channel has its own kernel it is 3 to 30 times as fast as the product. The batch joins the channels and is summed afterwards.
 */
function emitDepthwise(
  emitter: Emitter,
  { wide, narrow, wideDims, narrowDims, kernel, geometry }: WeightGradientParts,
  batch: number,
): string {
  const [channels, out] = [wideDims[1] as number, narrowDims[1] as number];
  const counts = narrowDims.slice(2) as number[];
  const image = emitter.node('Reshape', [wide, emitter.int64s([1, batch * channels, ...(wideDims.slice(2) as number[])])]);
  const filters = emitter.node('Reshape', [narrow, emitter.int64s([batch * out, 1, ...counts])]);
  const exchanged = { ...geometry, strides: geometry.dilations, dilations: geometry.strides, groups: batch * channels };
  const correlation = emitter.node('Conv', [image, filters], onnxGeometry(exchanged, counts));
  // Pixels that no window reaches leave more positions than the kernel has.
  const axes = kernel.map((_, axis) => axis + 2);
  const starts = kernel.map(() => 0);
  const cropped = emitter.node('Slice', [correlation, emitter.int64s(starts), emitter.int64s(kernel), emitter.int64s(axes)]);
  const perItem = emitter.node('Reshape', [cropped, emitter.int64s([batch, out, 1, ...kernel])]);
  return emitter.node('ReduceSum', [perItem, emitter.int64s([0])], { keepdims: 0 });
}
