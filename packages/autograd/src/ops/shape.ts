import { broadcastDims, type Dim, type Dims, formatDims, normalizeAxis, sameDims, stridesOf } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { sumTo } from './reduce.js';

const reshapeOp: Op<{ readonly dims: Dims }> = {
  name: 'reshape',
  infer: ([x], { dims }) => ({ type: x!.type, dims }),
  reference: ([x], { dims }, resolve) => ({ ...x!, dims: dims.map(resolve) }),
  emit(emitter, [x], { dims }, node) {
    const own = node.inputs[0]!.dims;
    // A 0 would mean the size that the input has at its place.
    const empty = dims.some((dim, axis) => (dim === 0 || typeof dim === 'string') && dim !== own[axis]);
    return emitter.node('Reshape', [x!, emitter.shape(dims)], empty ? { allowzero: 1 } : {});
  },
  gradient: (node, g) => [reshape(g, node.inputs[0]!.dims)],
};

const names = (dims: Dims): string[] => dims.filter((dim) => typeof dim === 'string');
const known = (dims: Dims): number => dims.reduce<number>((n, dim) => (typeof dim === 'number' ? n * dim : n), 1);

/** What stands for the −1 in `dims`: the number, or the name, that the others leave of `own`. */
function inferred(own: Dims, dims: Dims): Dim {
  const rest = dims.filter((dim) => dim !== -1);
  const left = names(own);
  for (const name of names(rest)) if (left.includes(name)) left.splice(left.indexOf(name), 1);
  const count = known(own) / known(rest);
  if (dims.length - rest.length === 1 && names(rest).length + left.length === names(own).length && Number.isInteger(count)) {
    if (left.length === 0) return count;
    if (left.length === 1 && count === 1) return left[0]!;
  }
  throw shapeError(
    'reshape',
    `cannot infer the −1 in ${formatDims(dims)} from ${formatDims(own)}.`,
    'It stands for one number or one name: sizes with names are not multiplied. Use numbers, or keep such axes apart.',
  );
}

/** The same elements in another shape. One dimension may be −1: what the others leave. */
export function reshape(x: Expr, dims: Dims): Expr {
  requireExpr('reshape', x);
  const target = dims.map((dim) => (dim === -1 ? inferred(x.dims, dims) : dim));
  const fits = known(target) === known(x.dims) && names(target).sort().join() === names(x.dims).sort().join();
  if (!fits || !target.every((dim) => typeof dim === 'string' || (Number.isInteger(dim) && dim >= 0)))
    throw shapeError(
      'reshape',
      `${formatDims(x.dims)} does not have the elements of ${formatDims(dims)}.`,
      'The product of the dimensions must stay the same.',
    );
  return sameDims(x.dims, target) ? x : makeExpr(reshapeOp, [x], { dims: target });
}

/** The reference of {@link transpose}, shared with products of transposed operands. */
export function transposeReference(x: Reference, permutation: readonly number[]): Reference {
  const dims = permutation.map((axis) => x.dims[axis]!);
  const source = stridesOf(x.dims);
  const steps = permutation.map((axis) => source[axis]!);
  const strides = stridesOf(dims);
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let axis = 0, rest = i; axis < dims.length; axis++) {
      at += Math.floor(rest / strides[axis]!) * steps[axis]!;
      rest %= strides[axis]!;
    }
    data[i] = x.data[at]!;
  }
  return { type: x.type, dims, data };
}

const transposeOp: Op<{ readonly permutation: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { permutation }) => ({ type: x!.type, dims: permutation.map((axis) => x!.dims[axis]!) }),
  reference: ([x], { permutation }) => transposeReference(x!, permutation),
  emit: (emitter, [x], { permutation }) => emitter.node('Transpose', [x!], { perm: permutation }),
  gradient: (node, g) => {
    const inverse = node.attributes.permutation.map((_, axis) => node.attributes.permutation.indexOf(axis));
    return [transpose(g, inverse)];
  },
};

/** Reorders the axes: output axis i is input axis `permutation[i]`. Default: the last two swap. */
export function transpose(x: Expr, permutation?: readonly number[]): Expr {
  requireExpr('transpose', x);
  const rank = x.dims.length;
  const wanted = permutation ?? [...Array(Math.max(rank - 2, 0)).keys(), rank - 1, rank - 2];
  const order = wanted.map((axis) => (axis < 0 ? axis + rank : axis));
  if (order.length !== rank || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i))
    throw shapeError('transpose', `[${wanted}] is not an order of the ${rank} axes of ${formatDims(x.dims)}.`, 'Name each axis once.');
  return order.every((axis, i) => axis === i) ? x : makeExpr(transposeOp, [x], { permutation: order });
}

const expandOp: Op<{ readonly dims: Dims }> = {
  name: 'expand',
  infer: ([x], { dims }) => {
    const out = broadcastDims('expand', x!.dims, dims);
    if (!sameDims(out, dims)) throw shapeError('expand', `${formatDims(x!.dims)} does not stretch to ${formatDims(dims)}.`);
    return { type: x!.type, dims };
  },
  reference: ([x], { dims }, resolve) => {
    const out = dims.map(resolve);
    const strides = stridesOf(out);
    const own = stridesOf(x!.dims);
    const shift = out.length - x!.dims.length;
    const data = new Float64Array(out.reduce((n, dim) => n * dim, 1));
    for (let i = 0; i < data.length; i++) {
      let at = 0;
      for (let axis = 0, rest = i; axis < out.length; axis++) {
        const index = Math.floor(rest / strides[axis]!);
        rest %= strides[axis]!;
        if (axis >= shift && x!.dims[axis - shift] !== 1) at += index * own[axis - shift]!;
      }
      data[i] = x!.data[at]!;
    }
    return { type: x!.type, dims: out, data };
  },
  emit: (emitter, [x], { dims }) => emitter.node('Expand', [x!, emitter.shape(dims)]),
  gradient: (node, g) => [sumTo(g, node.inputs[0]!.dims)],
};

/** Stretches dimensions of size 1 (and adds leading ones) to `dims`. */
export function expand(x: Expr, dims: Dims): Expr {
  requireExpr('expand', x);
  return sameDims(x.dims, dims) ? x : makeExpr(expandOp, [x], { dims: [...dims] });
}

/** Adds an axis of size 1 at `axis`. */
export function expandDims(x: Expr, axis: number): Expr {
  requireExpr('expandDims', x);
  return reshape(x, x.dims.toSpliced(normalizeAxis('expandDims', axis, x.dims.length + 1), 0, 1));
}
