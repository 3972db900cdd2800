import { type Dims, formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import type { Expr } from '../expr.js';

/** Where a convolution's windows lie; one entry per spatial axis. */
export interface Geometry {
  readonly strides: readonly number[];
  readonly pads: readonly (readonly [before: number, after: number])[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

export interface ConvolutionOptions {
  /** Step between windows: one number, or one per spatial axis. Default 1. */
  readonly stride?: number | readonly number[];
  /** Zeros around the input: one number, or per spatial axis a number or [before, after]. Default 0. */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[];
  /** Step between the elements of a window: one number, or one per spatial axis. Default 1. */
  readonly dilation?: number | readonly number[];
  /** Channels are cut into this many groups that do not mix. Default 1. */
  readonly groups?: number;
  /** Added to every position. [out] */
  readonly bias?: Expr;
}

/** Repeats one number for every axis, and checks a list. */
export function perAxis(op: string, name: string, value: number | readonly number[], rank: number, minimum: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank || !list.every((item) => Number.isInteger(item) && item >= minimum))
    throw shapeError(
      op,
      `${name} is ${JSON.stringify(value)}.`,
      `Give an integer of at least ${minimum}, or ${rank} of them, one per spatial axis.`,
    );
  return list;
}

/** Reads the options for an input of `rank` spatial axes. */
export function readGeometry(
  op: string,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvolutionOptions,
  rank: number,
): Geometry {
  const sides = typeof padding === 'number' ? new Array<number>(rank).fill(padding) : padding;
  const side = (which: 0 | 1) =>
    perAxis(
      op,
      'padding',
      sides.map((pair) => (typeof pair === 'number' ? pair : pair[which])),
      rank,
      0,
    );
  const [before, after] = [side(0), side(1)];
  return {
    strides: perAxis(op, 'stride', stride, rank, 1),
    pads: before.map((zeros, axis) => [zeros, after[axis]!] as const),
    dilations: perAxis(op, 'dilation', dilation, rank, 1),
    groups: perAxis(op, 'groups', groups, 1, 1)[0]!,
  };
}

/** Batch and channels in front, then one or two axes of known size. */
export function spatialSizes(op: string, x: Dims): number[] {
  const sizes = x.slice(2);
  if (sizes.length < 1 || sizes.length > 2 || x.slice(1).some((dim) => typeof dim === 'string'))
    throw shapeError(
      op,
      `the input is ${formatDims(x)}.`,
      'It must be [batch, channels, length] or [batch, channels, height, width]; only the batch may be a name.',
    );
  return sizes as number[];
}

/** Elements that a dilated kernel spans. */
export const spanOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** Windows along each axis of an input of `sizes`. */
export function windowCounts(op: string, sizes: readonly number[], kernel: readonly number[], geometry: Geometry): number[] {
  return sizes.map((size, axis) => {
    const room = size + geometry.pads[axis]![0] + geometry.pads[axis]![1] - spanOf(kernel[axis]!, geometry.dilations[axis]!);
    if (room < 0)
      throw shapeError(
        op,
        `a kernel of ${kernel[axis]} with dilation ${geometry.dilations[axis]} is longer than the padded input, ${formatDims(sizes)}.`,
        'Use a larger input, more padding or a smaller kernel.',
      );
    return Math.floor(room / geometry.strides[axis]!) + 1;
  });
}

/** What a transposed convolution must add at the end to give `sizes` back from their windows. */
export function outputPaddingFor(
  sizes: readonly number[],
  counts: readonly number[],
  kernel: readonly number[],
  geometry: Geometry,
): number[] {
  return sizes.map((size, axis) => {
    const [before, after] = geometry.pads[axis]!;
    return size - ((counts[axis]! - 1) * geometry.strides[axis]! - before - after + spanOf(kernel[axis]!, geometry.dilations[axis]!));
  });
}

/** ONNX's form of the geometry; all `pads` before come first. */
export function onnxGeometry({ strides, pads, dilations, groups }: Geometry, kernel: readonly number[]) {
  return {
    kernel_shape: kernel,
    strides,
    pads: [...pads.map(([before]) => before), ...pads.map(([, after]) => after)],
    dilations,
    group: groups,
  };
}

/**
 * Visits every product of a convolution: flat indices into the wide side [batch, channels, …], the weight
 * [out, channels / groups, …] and the narrow side [batch, out, …], of which each is a sum over the products of the others.
 */
export function forEachProduct(
  wide: readonly number[],
  weight: readonly number[],
  narrow: readonly number[],
  geometry: Geometry,
  visit: (wideAt: number, weightAt: number, narrowAt: number) => void,
): void {
  const [batches, channels] = wide as [number, number];
  const out = narrow[1]!;
  const [own, outOwn] = [channels / geometry.groups, out / geometry.groups];
  // One spatial axis is two with a height of 1.
  const two = (sizes: readonly number[], fill: number): [number, number] =>
    sizes.length === 1 ? [fill, sizes[0]!] : [sizes[0]!, sizes[1]!];
  const [height, width] = two(wide.slice(2), 1);
  const [kernelHeight, kernelWidth] = two(weight.slice(2), 1);
  const [rows, columns] = two(narrow.slice(2), 1);
  const [strideY, strideX] = two(geometry.strides, 1);
  const [dilationY, dilationX] = two(geometry.dilations, 1);
  const before = geometry.pads.map(([zeros]) => zeros);
  const [padY, padX] = two(before, 0);
  for (let b = 0; b < batches; b++)
    for (let o = 0; o < out; o++)
      for (let c = 0; c < own; c++) {
        const channel = b * channels + Math.floor(o / outOwn) * own + c;
        for (let ky = 0; ky < kernelHeight; ky++)
          for (let kx = 0; kx < kernelWidth; kx++) {
            const weightAt = ((o * own + c) * kernelHeight + ky) * kernelWidth + kx;
            for (let row = 0; row < rows; row++) {
              const y = row * strideY + ky * dilationY - padY;
              if (y < 0 || y >= height) continue;
              for (let column = 0; column < columns; column++) {
                const x = column * strideX + kx * dilationX - padX;
                if (x < 0 || x >= width) continue;
                visit((channel * height + y) * width + x, weightAt, ((b * out + o) * rows + row) * columns + column);
              }
            }
          }
      }
}
