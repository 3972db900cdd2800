import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import {
  type ConvolutionOptions,
  forEachProduct,
  type Geometry,
  onnxGeometry,
  outputPaddingFor,
  perAxis,
  readGeometry,
  spanOf,
  spatialSizes,
  windowCounts,
} from './convolution-geometry.js';
import { emitWeightGradient } from './convolution-weight.js';
import { emitWiden } from './convolution-widen.js';
import { sum } from './reduce.js';

// A convolution ties three tensors together: a wide one (its input), a narrow one (its output) and a weight. Each is a sum over
// products of the other two, so three operators are closed under differentiation: the gradients of each are the two others.

function checkWeight(op: string, x: Expr, weight: Expr, bias: Expr | undefined, groups: number, channelsOut: number): void {
  if (weight.dims.length !== x.dims.length || weight.dims.some((dim) => typeof dim === 'string'))
    throw shapeError(op, `the weight ${formatDims(weight.dims)} does not fit an input ${formatDims(x.dims)}.`, 'Both have the same rank.');
  if (bias !== undefined && (bias.dims.length !== 1 || bias.dims[0] !== channelsOut))
    throw shapeError(op, `the bias is ${formatDims(bias.dims)}.`, `It must be [${channelsOut}], one number per output channel.`);
  if ((x.dims[1] as number) % groups !== 0 || (weight.dims[0] as number) % groups !== 0)
    throw shapeError(op, `${groups} groups do not divide ${x.dims[1]} channels and a weight ${formatDims(weight.dims)}.`);
}

/** A bias has one number per channel, axis 1. */
function addBias(y: Reference, bias: Reference | undefined): Reference {
  if (bias === undefined) return y;
  const plane = y.dims.slice(2).reduce((n, dim) => n * dim, 1);
  return { ...y, data: y.data.map((value, i) => value + bias.data[Math.floor(i / plane) % y.dims[1]!]!) };
}

const biasGradient = (node: Expr, g: Expr): Expr[] =>
  node.inputs.length === 3
    ? [
        sum(
          g,
          g.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
        ),
      ]
    : [];

const kernelOf = (weight: Expr): number[] => weight.dims.slice(2) as number[];

function emptyReference(type: Reference['type'], dims: readonly number[]): Reference {
  return { type, dims, data: new Float64Array(dims.reduce((n, dim) => n * dim, 1)) };
}

const convolutionOp: Op<Geometry> = {
  name: 'convolution',
  operands: 'float',
  infer([x, weight, bias], geometry) {
    const sizes = spatialSizes('convolution', x!.dims);
    checkWeight('convolution', x!, weight!, bias, geometry.groups, weight!.dims[0] as number);
    if ((weight!.dims[1] as number) * geometry.groups !== x!.dims[1])
      throw shapeError(
        'convolution',
        `the weight ${formatDims(weight!.dims)} reads ${weight!.dims[1]} channels in ${geometry.groups} groups, the input has ${x!.dims[1]}.`,
        'The weight is [out, in / groups, …kernel].',
      );
    const counts = windowCounts('convolution', sizes, kernelOf(weight!), geometry);
    return { type: x!.type, dims: [x!.dims[0]!, weight!.dims[0]!, ...counts] };
  },
  reference([x, weight, bias], geometry) {
    const counts = windowCounts('convolution', x!.dims.slice(2), weight!.dims.slice(2), geometry);
    const y = emptyReference(x!.type, [x!.dims[0]!, weight!.dims[0]!, ...counts]);
    forEachProduct(x!.dims, weight!.dims, y.dims, geometry, (at, weightAt, to) => {
      y.data[to]! += x!.data[at]! * weight!.data[weightAt]!;
    });
    return addBias(y, bias);
  },
  emit: (emitter, inputs, geometry, node) => emitter.node('Conv', inputs, onnxGeometry(geometry, kernelOf(node.inputs[1]!))),
  gradient: (node, g) => {
    const [x, weight] = node.inputs as [Expr, Expr];
    return [widen(g, weight, x, node.attributes), weightGradient(x, g, weight, node.attributes), ...biasGradient(node, g)];
  },
};

interface TransposeAttributes extends Geometry {
  readonly outputPadding: readonly number[];
}

/** Shape of the wide side: the windows of a convolution over it are `x`. */
function widenedDims<D extends number | string>(
  x: readonly D[],
  weight: readonly number[],
  attributes: TransposeAttributes,
): (D | number)[] {
  const sizes = attributes.outputPadding.map((extra, axis) => {
    const [before, after] = attributes.pads[axis]!;
    const span = spanOf(weight[axis + 2]!, attributes.dilations[axis]!);
    return ((x[axis + 2] as number) - 1) * attributes.strides[axis]! - before - after + span + extra;
  });
  return [x[0]!, weight[1]! * attributes.groups, ...sizes];
}

const convolutionTransposeOp: Op<TransposeAttributes> = {
  name: 'convolutionTranspose',
  operands: 'float',
  infer([x, weight, bias], attributes) {
    spatialSizes('convolutionTranspose', x!.dims);
    checkWeight('convolutionTranspose', x!, weight!, bias, attributes.groups, (weight!.dims[1] as number) * attributes.groups);
    if (weight!.dims[0] !== x!.dims[1])
      throw shapeError(
        'convolutionTranspose',
        `the weight ${formatDims(weight!.dims)} reads ${weight!.dims[0]} channels, the input has ${x!.dims[1]}.`,
        'The weight is [in, out / groups, …kernel].',
      );
    const dims = widenedDims(x!.dims, weight!.dims as number[], attributes);
    if (dims.slice(2).some((size) => (size as number) < 1))
      throw shapeError('convolutionTranspose', `the output would be ${formatDims(dims)}.`, 'Use less padding.');
    return { type: x!.type, dims };
  },
  reference([x, weight, bias], attributes) {
    const y = emptyReference(x!.type, widenedDims(x!.dims, weight!.dims, attributes));
    forEachProduct(y.dims, weight!.dims, x!.dims, attributes, (to, weightAt, at) => {
      y.data[to]! += x!.data[at]! * weight!.data[weightAt]!;
    });
    return addBias(y, bias);
  },
  emit: (emitter, [narrow, weight, bias], { outputPadding, ...geometry }, node) =>
    emitWiden(emitter, {
      narrow: narrow!,
      weight: weight!,
      bias,
      narrowDims: node.inputs[0]!.dims,
      weightDims: node.inputs[1]!.dims as readonly number[],
      outputPadding,
      geometry,
    }),
  gradient: (node, g) => {
    const [x, weight] = node.inputs as [Expr, Expr];
    return [makeExpr(convolutionOp, [g, weight], node.attributes), weightGradient(g, x, weight, node.attributes), ...biasGradient(node, g)];
  },
};

/** The gradient of a convolution's input, `like`. */
function widen(narrow: Expr, weight: Expr, like: Expr, geometry: Geometry): Expr {
  const outputPadding = outputPaddingFor(like.dims.slice(2) as number[], narrow.dims.slice(2) as number[], kernelOf(weight), geometry);
  return makeExpr(convolutionTransposeOp, [narrow, weight], { ...geometry, outputPadding });
}

interface WeightAttributes extends Geometry {
  readonly kernel: readonly number[];
}

const weightGradientOp: Op<WeightAttributes> = {
  name: 'convolutionWeightGradient',
  infer: ([wide, narrow], { kernel, groups }) => ({
    type: wide!.type,
    dims: [narrow!.dims[1]!, (wide!.dims[1] as number) / groups, ...kernel],
  }),
  reference([wide, narrow], attributes) {
    const weight = emptyReference(wide!.type, [narrow!.dims[1]!, wide!.dims[1]! / attributes.groups, ...attributes.kernel]);
    forEachProduct(wide!.dims, weight.dims, narrow!.dims, attributes, (wideAt, to, narrowAt) => {
      weight.data[to]! += wide!.data[wideAt]! * narrow!.data[narrowAt]!;
    });
    return weight;
  },
  emit: (emitter, [wide, narrow], { kernel, ...geometry }, node) =>
    emitWeightGradient(emitter, {
      wide: wide!,
      narrow: narrow!,
      wideDims: node.inputs[0]!.dims,
      narrowDims: node.inputs[1]!.dims,
      kernel,
      geometry,
    }),
  gradient: (node, g) => {
    const [wide, narrow] = node.inputs as [Expr, Expr];
    return [widen(narrow, g, wide, node.attributes), makeExpr(convolutionOp, [wide, g], node.attributes)];
  },
};

function weightGradient(wide: Expr, narrow: Expr, weight: Expr, geometry: Geometry): Expr {
  return makeExpr(weightGradientOp, [wide, narrow], { ...geometry, kernel: kernelOf(weight) });
}

/**
 * Cross-correlation of `x` [batch, in, length], [batch, in, height, width] or [batch, in, depth, height, width] with `weight`
 * [out, in / groups, …kernel], as PyTorch's `conv1d`, `conv2d` and `conv3d`; the batch may be a named dimension. → [batch, out, …]
 */
export function convolution(x: Expr, weight: Expr, options: ConvolutionOptions = {}): Expr {
  requireExpr('convolution', x, 0);
  const rank = spatialSizes('convolution', x.dims).length;
  const inputs = options.bias === undefined ? [x, weight] : [x, weight, options.bias];
  return makeExpr(convolutionOp, inputs, readGeometry('convolution', options, rank));
}

export interface ConvolutionTransposeOptions extends ConvolutionOptions {
  /** Added to the size of the output at the end of each axis; less than the stride. Default 0. */
  readonly outputPadding?: number | readonly number[];
}

/**
 * The transpose of {@link convolution}, which widens: `x` [batch, in, …] with `weight` [in, out / groups, …kernel], as PyTorch's
 * `conv_transpose1d`, `2d` and `3d`. Size: (n − 1)·stride − padding + dilation·(kernel − 1) + 1 + outputPadding.
 */
export function convolutionTranspose(x: Expr, weight: Expr, options: ConvolutionTransposeOptions = {}): Expr {
  requireExpr('convolutionTranspose', x, 0);
  const rank = spatialSizes('convolutionTranspose', x.dims).length;
  const geometry = readGeometry('convolutionTranspose', options, rank);
  const outputPadding = perAxis('convolutionTranspose', 'outputPadding', options.outputPadding ?? 0, rank, 0);
  if (outputPadding.some((extra, axis) => extra >= geometry.strides[axis]!))
    throw shapeError(
      'convolutionTranspose',
      `outputPadding is [${outputPadding}] with stride [${geometry.strides}].`,
      'It only chooses between the sizes that one stride allows: make it less than the stride.',
    );
  const inputs = options.bias === undefined ? [x, weight] : [x, weight, options.bias];
  return makeExpr(convolutionTransposeOp, inputs, { ...geometry, outputPadding });
}
