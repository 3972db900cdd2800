import { type Dims, staticCount } from '../dims.js';
import type { Emitter } from '../onnx/emit.js';
import { type Geometry, onnxGeometry } from './convolution-geometry.js';

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
  const isDepthwise = parts.wideDims[1] === parts.geometry.groups;
  return isDepthwise ? emitDepthwise(emitter, parts) : emitProduct(emitter, parts);
}

/**
 * One matrix product per group, [out, batch·windows] · [batch·windows, kernel·channels]. The windows are gathered from an input whose
 * channels lie last, so that whole pixels are copied; strided slices take twice as long.
 */
function emitProduct(emitter: Emitter, { wide, narrow, wideDims, narrowDims, kernel, geometry }: WeightGradientParts): string {
  const { strides, pads, dilations, groups } = geometry;
  const batch = staticCount('convolution (gradient of the weight)', wideDims.slice(0, 1));
  const [channels, out] = [(wideDims[1] as number) / groups, (narrowDims[1] as number) / groups];
  const sizes = (wideDims.slice(2) as number[]).map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);
  const counts = narrowDims.slice(2) as number[];
  const windows = batch * product(counts);

  // Padded before it is turned: planes whose size is a power of two would meet in the same cache lines (15 times slower).
  const padding = [0, 0, ...pads.map(([before]) => before), 0, 0, ...pads.map(([, after]) => after)];
  const padded = padding.some((zeros) => zeros > 0) ? emitter.node('Pad', [wide, emitter.int64s(padding)], { mode: 'constant' }) : wide;
  // A swap of the last two of three axes is what the runtime turns fastest; groups then move as blocks.
  const planes = emitter.node('Reshape', [padded, emitter.int64s([batch * groups, channels, product(sizes)])]);
  const turned = emitter.node('Transpose', [planes], { perm: [0, 2, 1] });
  const pixels = groupsFirst(emitter, turned, [batch, groups, product(sizes), channels]);
  const gathered = emitWindows(emitter, pixels, { sizes, counts, kernel, strides, dilations, groups, batch, channels });
  const columns = emitter.node('Reshape', [gathered, emitter.int64s([groups, windows, product(kernel) * channels])]);

  const outputs = emitter.node('Reshape', [narrow, emitter.int64s([batch, groups * out, product(counts)])]);
  const outputsFirst = emitter.node('Transpose', [outputs], { perm: [1, 0, 2] });
  const rows = emitter.node('Reshape', [outputsFirst, emitter.int64s([groups, out, windows])]);

  const weight = emitter.node('MatMul', [rows, columns]); // [groups, out / groups, kernel·channels]
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
  readonly sizes: readonly number[];
  readonly counts: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
  readonly batch: number;
  readonly channels: number;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** The windows of [groups, batch, pixels, channels]; neighbours in a row are moved as one block where all windows begin and end between blocks. */
function emitWindows(emitter: Emitter, pixels: string, { groups, batch, channels, ...windows }: Windows): string {
  const { sizes, kernel, strides, dilations, counts } = windows;
  const last = sizes.length - 1;
  const block = dilations[last] === 1 ? [strides[last]!, kernel[last]!].reduce(commonDivisor, sizes[last]!) : 1;
  const inBlocks = (values: readonly number[]) => values.map((value, axis) => (axis === last ? value / block : value));
  const blocks =
    block === 1 ? pixels : emitter.node('Reshape', [pixels, emitter.int64s([groups, batch, product(sizes) / block, block * channels])]);
  const offsets = windowOffsets(inBlocks(sizes), counts, inBlocks(kernel), inBlocks(strides), dilations);
  return emitter.node('Gather', [blocks, emitter.int64s(offsets)], { axis: 2 });
}

/** Where every element of every window lies among the pixels: [windows × kernel], flat. */
function windowOffsets(
  sizes: readonly number[],
  counts: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const grid = (starts: number[], lengths: readonly number[], steps: readonly number[]): number[] =>
    sizes.reduce((bases, _, axis) => {
      const step = steps[axis]! * product(sizes.slice(axis + 1));
      return bases.flatMap((base) => Array.from({ length: lengths[axis]! }, (__, i) => base + i * step));
    }, starts);
  return grid(grid([0], counts, strides), kernel, dilations);
}

/**
 * The textbook form: the input convolved with the gradient of the output, stride and dilation exchanged. Slow in general, but where every
 * channel has its own kernel it is 3 to 30 times as fast as the product. The batch joins the channels and is summed afterwards.
 */
function emitDepthwise(emitter: Emitter, { wide, narrow, wideDims, narrowDims, kernel, geometry }: WeightGradientParts): string {
  const batch = staticCount('convolution (gradient of the weight)', wideDims.slice(0, 1));
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
