import { type Dims, formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { convolutionTranspose } from './convolution.js';
import {
  type ConvolutionOptions,
  forEachProduct,
  type Geometry,
  onnxGeometry,
  outputPaddingFor,
  perAxis,
  readGeometry,
  spatialSizes,
  windowCounts,
} from './convolution-geometry.js';
import { mul } from './elementwise.js';
import { constant } from './leaf.js';
import { reshape } from './shape.js';
import { zeros } from './slice.js';
import { addAlong } from './take-along.js';
import { upsampleNearest } from './upsampling.js';

export interface PoolingOptions extends Pick<ConvolutionOptions, 'stride' | 'padding'> {
  /** Size of a window: one number, or one per spatial axis. */
  readonly kernel: number | readonly number[];
  /** Whether a rest at the end that no whole window covers has one of its own, PyTorch's `ceil_mode`. Default false. */
  readonly ceil?: boolean;
}

interface PoolAttributes extends Geometry {
  readonly kernel: readonly number[];
}

const pooledDims = <D extends Dims[number]>(dims: readonly D[], attributes: PoolAttributes): (D | number)[] => [
  dims[0]!,
  dims[1]!,
  ...windowCounts('pooling', dims.slice(2) as number[], attributes.kernel, attributes),
];

/** Visits every element of every window that lies inside the input. */
function forEachElement(x: Reference, attributes: PoolAttributes, visit: (from: number, to: number) => void): void {
  const geometry = { ...attributes, groups: x.dims[1]! };
  forEachProduct(x.dims, [x.dims[1]!, 1, ...attributes.kernel], pooledDims(x.dims, attributes), geometry, (from, _, to) => visit(from, to));
}

function onnxWindows(attributes: PoolAttributes) {
  const { kernel_shape, strides, pads } = onnxGeometry(attributes, attributes.kernel);
  return { kernel_shape, strides, pads };
}

/** The largest of each window, and its place in the whole input. */
function largest(x: Reference, attributes: PoolAttributes): { values: Float64Array; places: Float64Array } {
  const count = pooledDims(x.dims, attributes).reduce((n, dim) => n * dim, 1);
  const values = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const places = new Float64Array(count);
  forEachElement(x, attributes, (from, to) => {
    if (x.data[from]! <= values[to]!) return;
    values[to] = x.data[from]!;
    places[to] = from;
  });
  return { values, places };
}

const maxPoolOp: Op<PoolAttributes> = {
  name: 'maxPool',
  operands: 'float',
  infer: ([x], attributes) => ({ type: x!.type, dims: pooledDims(x!.dims, attributes) }),
  reference: ([x], attributes) => ({ type: x!.type, dims: pooledDims(x!.dims, attributes), data: largest(x!, attributes).values }),
  emit: (emitter, [x], attributes) => emitter.node('MaxPool', [x!], onnxWindows(attributes)),
  gradient: (node, g) => {
    const [x] = node.inputs as [Expr];
    const places = makeExpr(maxPlacesOp, [node, x], node.attributes);
    const flat = addAlong(reshape(zeros(x.dims as number[]), [-1]), reshape(places, [-1]), reshape(g, [-1]), 0);
    return [reshape(flat, x.dims)];
  },
};

/** A second output of the same ONNX node: the flat place of each window's first maximum, int64. */
const maxPlacesOp: Op<PoolAttributes> = {
  name: 'maxPoolPlaces',
  infer: ([y]) => ({ type: 'int64', dims: y!.dims }),
  reference: ([y, x], attributes) => ({ type: 'int64', dims: y!.dims, data: largest(x!, attributes).places }),
  emit: (emitter, [y]) => emitter.extraOutput(y!, 1),
};

interface AverageAttributes extends PoolAttributes {
  /** The padding whose zeros count as elements. */
  readonly counted: Geometry['pads'];
}

/** How many elements each window averages over: flat, in the order of one channel's windows. */
function windowSizes(sizes: readonly number[], attributes: AverageAttributes): Float32Array {
  const { kernel, strides, pads, counted } = attributes;
  const perAxis = windowCounts('pooling', sizes, kernel, attributes).map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const start = i * strides[axis]! - pads[axis]![0];
      const [before, after] = counted[axis]!;
      return Math.min(start + kernel[axis]!, sizes[axis]! + after) - Math.max(start, -before);
    }),
  );
  return Float32Array.from(perAxis.reduce((all, own) => all.flatMap((count) => own.map((other) => count * other)), [1]));
}

const averagePoolOp: Op<AverageAttributes> = {
  name: 'averagePool',
  operands: 'float',
  infer: ([x], attributes) => ({ type: x!.type, dims: pooledDims(x!.dims, attributes) }),
  reference([x], attributes) {
    const dims = pooledDims(x!.dims, attributes);
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    forEachElement(x!, attributes, (from, to) => {
      data[to]! += x!.data[from]!;
    });
    const counts = windowSizes(x!.dims.slice(2), attributes);
    return { type: x!.type, dims, data: data.map((value, i) => value / counts[i % counts.length]!) };
  },
  emit(emitter, [x], attributes, node) {
    const average = (padding: 0 | 1) => emitter.node('AveragePool', [x!], { ...onnxWindows(attributes), count_include_pad: padding });
    if (attributes.counted.flat().every((zeros) => zeros === 0)) return average(0);
    const area = attributes.kernel.reduce((n, size) => n * size, 1);
    const counts = windowSizes(node.inputs[0]!.dims.slice(2) as number[], attributes);
    if (counts.every((count) => count === area)) return average(1);
    // Of the padding only what the user gave counts, not what the last windows need.
    const shares = { type: 'float32', dims: node.dims.slice(2) as number[], data: counts.map((count) => area / count) } as const;
    return emitter.node('Mul', [average(1), emitter.constant(shares)]);
  },
  gradient: (node, g) => {
    const [x] = node.inputs as [Expr];
    const { attributes } = node;
    const sizes = x.dims.slice(2) as number[];
    const counts = windowSizes(sizes, attributes);
    const shares = constant({ type: 'float32', dims: g.dims.slice(2) as number[], data: counts.map((count) => 1 / count) });
    const own = mul(g, counts.every((count) => count === counts[0]) ? 1 / counts[0]! : shares);
    if (isTiling(sizes, attributes)) return [upsampleNearest(own, attributes.kernel)];
    // Every channel is a picture of its own, so that one small kernel serves all.
    const pictures = reshape(own, [-1, 1, ...g.dims.slice(2)]);
    const area = attributes.kernel.reduce((n, size) => n * size, 1);
    const ones = constant({ type: 'float32', dims: [1, 1, ...attributes.kernel], data: new Float32Array(area).fill(1) });
    const { strides: stride, pads: padding } = attributes;
    const outputPadding = outputPaddingFor(sizes, g.dims.slice(2) as number[], attributes.kernel, attributes);
    return [reshape(convolutionTranspose(pictures, ones, { stride, padding, outputPadding }), x.dims)];
  },
};

/** Windows that lie side by side and cover everything. */
function isTiling(sizes: readonly number[], { kernel, strides, pads }: PoolAttributes): boolean {
  return kernel.every((size, axis) => strides[axis] === size && sizes[axis]! % size === 0) && pads.flat().every((zeros) => zeros === 0);
}

/** Padding at the end for a window of the rest, which starts inside the input or the padding before it. */
function withRest(pads: Geometry['pads'], sizes: readonly number[], { kernel, strides }: PoolAttributes): Geometry['pads'] {
  return pads.map(([before, after], axis) => {
    const whole = sizes[axis]! + before + after;
    const steps = Math.ceil((whole - kernel[axis]!) / strides[axis]!);
    const last = strides[axis]! * (steps * strides[axis]! < sizes[axis]! + before ? steps : steps - 1);
    return [before, after + Math.max(last + kernel[axis]! - whole, 0)] as const;
  });
}

/** The windows, and the padding that was given: without what the last ones need. */
function readPooling(
  op: string,
  x: Expr,
  { kernel, stride = kernel, padding, ceil = false }: PoolingOptions,
): { readonly attributes: PoolAttributes; readonly given: Geometry['pads'] } {
  requireExpr(op, x);
  const spatial = spatialSizes(op, x.dims);
  const rank = spatial.length;
  const sizes = perAxis(op, 'kernel', kernel, rank, 1);
  const geometry = { ...readGeometry(op, { stride, ...(padding !== undefined && { padding }) }, rank), kernel: sizes };
  if (geometry.pads.some((pair, axis) => Math.max(...pair) >= sizes[axis]!))
    throw shapeError(
      op,
      `padding ${JSON.stringify(padding)} with a kernel of [${sizes}] over ${formatDims(x.dims)}.`,
      'It must be less than the kernel, or windows would hold nothing.',
    );
  const attributes = ceil ? { ...geometry, pads: withRest(geometry.pads, spatial, geometry) } : geometry;
  windowCounts(op, spatial, sizes, attributes); // refuses windows that do not fit
  return { attributes, given: geometry.pads };
}

/**
 * The largest element of each window of `x` [batch, channels, …] with one to three spatial axes; the stride is the kernel unless given, and
 * padding never wins. Of equals the first gets the gradient, as in PyTorch's `max_pool1d` to `max_pool3d`.
 */
export function maxPool(x: Expr, options: PoolingOptions): Expr {
  return makeExpr(maxPoolOp, [x], readPooling('maxPool', x, options).attributes);
}

export interface AveragePoolOptions extends PoolingOptions {
  /** Whether zeros of the padding count as elements; default true, as in PyTorch. */
  readonly includePadding?: boolean;
}

/** The mean of each window of `x` [batch, channels, …] with one to three spatial axes; the stride is the kernel unless given. */
export function averagePool(x: Expr, options: AveragePoolOptions): Expr {
  const { attributes, given } = readPooling('averagePool', x, options);
  const counted = (options.includePadding ?? true) ? given : given.map(() => [0, 0] as const);
  return makeExpr(averagePoolOp, [x], { ...attributes, counted });
}
