import { type Dims, stridesOf } from '../dims.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';
import { perAxis, spatialSizes } from './convolution-geometry.js';
import { mul } from './elementwise.js';
import { constant } from './leaf.js';
import { matmul } from './matmul.js';
import { averagePool } from './pooling.js';
import { reshape } from './shape.js';

interface NearestAttributes {
  /** One per spatial axis. */
  readonly factors: readonly number[];
}

const enlarged = <D extends Dims[number]>(dims: readonly D[], { factors }: NearestAttributes): (D | number)[] => [
  ...dims.slice(0, 2),
  ...factors.map((factor, axis) => (dims[axis + 2] as number) * factor),
];

const upsampleNearestOp: Op<NearestAttributes> = {
  name: 'upsampleNearest',
  operands: 'float',
  infer: ([x], attributes) => ({ type: x!.type, dims: enlarged(x!.dims, attributes) }),
  reference([x], attributes) {
    const dims = enlarged(x!.dims, attributes);
    const [own, strides] = [stridesOf(x!.dims), stridesOf(dims)];
    const factors = [1, 1, ...attributes.factors];
    const data = Float64Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => {
      let at = 0;
      for (let axis = 0, rest = i; axis < dims.length; axis++) {
        at += Math.floor(Math.floor(rest / strides[axis]!) / factors[axis]!) * own[axis]!;
        rest %= strides[axis]!;
      }
      return x!.data[at]!;
    });
    return { type: x!.type, dims, data };
  },
  // Several times as fast as stretching a reshaped tensor.
  emit: (emitter, [x], { factors }) =>
    emitter.node(
      'Resize',
      [x!, '', emitter.constant({ type: 'float32', dims: [factors.length + 2], data: Float32Array.of(1, 1, ...factors) })],
      {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      },
    ),
  // The sum of each block, as a multiple of its mean: pooling runs on all threads, a reduction over two inner axes does not.
  gradient: (node, g) => {
    const { factors } = node.attributes;
    return [
      mul(
        averagePool(g, { kernel: factors }),
        factors.reduce((n, factor) => n * factor, 1),
      ),
    ];
  },
};

/** Repeats every element of `x` [batch, channels, …] `factor` times along each of its one to three spatial axes. */
export function upsampleNearest(x: Expr, factor: number | readonly number[]): Expr {
  requireExpr('upsampleNearest', x);
  const rank = spatialSizes('upsampleNearest', x.dims).length;
  return makeExpr(upsampleNearestOp, [x], { factors: perAxis('upsampleNearest', 'factor', factor, rank, 1) });
}

/** What each new position takes of the old ones: [to, from], rows that add up to 1. */
function interpolationMatrix(from: number, to: number, alignCorners: boolean): Expr {
  const data = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = alignCorners ? (to === 1 ? 0 : (i * (from - 1)) / (to - 1)) : Math.max(((i + 0.5) * from) / to - 0.5, 0);
    const low = Math.min(Math.floor(centre), from - 1);
    const high = Math.min(low + 1, from - 1);
    data[i * from + low]! += 1 - (centre - low);
    data[i * from + high]! += centre - low;
  }
  return constant({ type: 'float32', dims: [to, from], data });
}

export interface LinearUpsamplingOptions {
  /** The new sizes: one number, or one per spatial axis. */
  readonly size: number | readonly number[];
  /** Whether the outermost elements keep their places, rather than the outermost edges. Default false, as in PyTorch. */
  readonly alignCorners?: boolean;
}

/**
 * Interpolates `x` [batch, channels, …] to new sizes: linearly along one axis, bilinearly along two, trilinearly along three, as PyTorch's
 * `interpolate` (without antialiasing). One product with a constant matrix per axis, which is as fast as the runtime's own operator, has a
 * gradient of its own kind and runs on every backend.
 */
export function upsampleLinear(x: Expr, { size, alignCorners = false }: LinearUpsamplingOptions): Expr {
  requireExpr('upsampleLinear', x);
  const sizes = spatialSizes('upsampleLinear', x.dims);
  const targets = perAxis('upsampleLinear', 'size', size, sizes.length, 1);
  return sizes.reduceRight((y, from, axis) => {
    const to = targets[axis]!;
    if (to === from) return y;
    const matrix = interpolationMatrix(from, to, alignCorners);
    const behind = targets.slice(axis + 1);
    if (behind.length === 0) return matmul(y, matrix, { transposeB: true });
    // The axes behind become one, so that this one is the last but one.
    const before = y.dims.slice(0, axis + 2);
    const rows = reshape(y, [...before, from, behind.reduce((n, own) => n * own)]);
    return reshape(matmul(matrix, rows), [...before, to, ...behind]);
  }, x);
}
