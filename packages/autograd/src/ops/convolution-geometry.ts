import { type Dims, formatDims, stridesOf } from '../dims.js';
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

const isSides = (value: unknown): boolean => typeof value === 'number' || (Array.isArray(value) && value.length === 2);

/** Reads the options for an input of `rank` spatial axes. */
export function readGeometry(
  op: string,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvolutionOptions,
  rank: number,
): Geometry {
  if (typeof padding !== 'number' && !(Array.isArray(padding) && padding.every(isSides)))
    throw shapeError(
      op,
      `padding is ${JSON.stringify(padding)}.`,
      'Give a number, or per spatial axis a number or [before, after]; the size stays with dilation · (kernel − 1) zeros in all.',
    );
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

/** Batch and channels in front, then one to three axes of known size. */
export function spatialSizes(op: string, x: Dims): number[] {
  const sizes = x.slice(2);
  if (sizes.length < 1 || sizes.length > 3 || x.slice(1).some((dim) => typeof dim === 'string'))
    throw shapeError(
      op,
      `the input is ${formatDims(x)}.`,
      'It must be [batch, channels, length], [batch, channels, height, width] or [batch, channels, depth, height, width]; only the batch may be a name.',
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

/** For one element of the kernel: where its window positions lie, and what they read, as flat places within a plane. */
interface Reads {
  readonly narrow: readonly number[];
  readonly wide: readonly number[];
}

function readsOf(offset: readonly number[], sizes: readonly number[], counts: readonly number[], geometry: Geometry): Reads {
  const start: Reads = { narrow: [0], wide: [0] };
  return sizes.reduce(({ narrow, wide }, size, axis) => {
    const next: { narrow: number[]; wide: number[] } = { narrow: [], wide: [] };
    narrow.forEach((base, i) => {
      for (let window = 0; window < counts[axis]!; window++) {
        const at = window * geometry.strides[axis]! + offset[axis]! * geometry.dilations[axis]! - geometry.pads[axis]![0];
        if (at < 0 || at >= size) continue;
        next.narrow.push(base * counts[axis]! + window);
        next.wide.push(wide[i]! * size + at);
      }
    });
    return next;
  }, start);
}

/**
 * Visits every product of a convolution: flat indices into the wide side [batch, channels, …], the weight
 * [out, channels / groups, …] and the narrow side [batch, out, …], of which each is a sum over the products of the others.
 * The elements of one window come in row-major order.
 */
export function forEachProduct(
  wide: readonly number[],
  weight: readonly number[],
  narrow: readonly number[],
  geometry: Geometry,
  visit: (wideAt: number, weightAt: number, narrowAt: number) => void,
): void {
  const [batches, channels, ...sizes] = wide as [number, number, ...number[]];
  const [, out, ...counts] = narrow as [number, number, ...number[]];
  const kernel = weight.slice(2);
  const area = (dims: readonly number[]) => dims.reduce((n, dim) => n * dim, 1);
  const [wideArea, kernelArea, narrowArea] = [area(sizes), area(kernel), area(counts)];
  const kernelStrides = stridesOf(kernel);
  const reads = Array.from({ length: kernelArea }, (_, element) => {
    const offset = kernel.map((size, axis) => Math.floor(element / kernelStrides[axis]!) % size);
    return readsOf(offset, sizes, counts, geometry);
  });
  const [own, outOwn] = [channels / geometry.groups, out / geometry.groups];
  for (let b = 0; b < batches; b++)
    for (let o = 0; o < out; o++)
      for (let c = 0; c < own; c++) {
        const wideBase = (b * channels + Math.floor(o / outOwn) * own + c) * wideArea;
        const narrowBase = (b * out + o) * narrowArea;
        reads.forEach((element, k) => {
          for (let i = 0; i < element.narrow.length; i++)
            visit(wideBase + element.wide[i]!, (o * own + c) * kernelArea + k, narrowBase + element.narrow[i]!);
        });
      }
}
