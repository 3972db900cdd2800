import { type Dim, type Dims, formatDims, normalizeAxis, sameDims, staticCount, stridesOf } from '../dims.js';
import { AutogradError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { cast } from './cast.js';
import { div, equal, mul } from './elementwise.js';
import { emitPlaces } from './ranking.js';
import { expand, reshape } from './shape.js';

export interface ReduceAttributes {
  /** Sorted, non-negative. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export function reducedDims<D extends Dim>(dims: readonly D[], { axes, keepDims }: ReduceAttributes): (D | 1)[] {
  const out: (D | 1)[] = [];
  dims.forEach((dim, axis) => {
    if (!axes.includes(axis)) out.push(dim);
    else if (keepDims) out.push(1);
  });
  return out;
}

/** Calls `visit(outputIndex, value, position along the reduced axes)` for every element. */
export function forEachReduced(x: Reference, axes: readonly number[], visit: (at: number, value: number, position: number) => void): void {
  const kept = x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const keptStrides = stridesOf(kept);
  const reducedStrides = stridesOf(x.dims.map((dim, axis) => (axes.includes(axis) ? dim : 1)));
  const strides = stridesOf(x.dims);
  for (let i = 0; i < x.data.length; i++) {
    let at = 0;
    let position = 0;
    for (let axis = 0, rest = i; axis < x.dims.length; axis++) {
      const index = Math.floor(rest / strides[axis]!);
      rest %= strides[axis]!;
      if (axes.includes(axis)) position += index * reducedStrides[axis]!;
      else at += index * keptStrides[axis]!;
    }
    visit(at, x.data[i]!, position);
  }
}

export function reduceReference(
  x: Reference,
  attributes: ReduceAttributes,
  start: number,
  fold: (all: number, value: number) => number,
): Reference {
  const dims = reducedDims(x.dims, attributes);
  const data = new Float64Array(dims.reduce<number>((n, dim) => n * dim, 1)).fill(start);
  forEachReduced(x, attributes.axes, (at, value) => {
    data[at] = fold(data[at]!, value);
  });
  return { type: x.type, dims, data };
}

/** The reduced expression with its axes back as 1, so that it broadcasts over the input. */
export function restoreAxes(y: Expr, x: Expr, { axes }: ReduceAttributes): Expr {
  return reshape(y, reducedDims(x.dims, { axes, keepDims: true }));
}

const sumOp: Op<ReduceAttributes> = {
  name: 'sum',
  infer: ([x], attributes) => ({ type: x!.type, dims: reducedDims(x!.dims, attributes) }),
  reference: ([x], attributes) => reduceReference(x!, attributes, 0, (all, value) => all + value),
  emit: (emitter, [x], { axes, keepDims }) => emitter.node('ReduceSum', [x!, emitter.int64s(axes)], { keepdims: Number(keepDims) }),
  gradient: (node, g) => [expand(restoreAxes(g, node.inputs[0]!, node.attributes), node.inputs[0]!.dims)],
};

const meanOp: Op<ReduceAttributes> = {
  name: 'mean',
  operands: 'float',
  infer: ([x], attributes) => ({ type: x!.type, dims: reducedDims(x!.dims, attributes) }),
  reference: ([x], attributes) => {
    const total = reduceReference(x!, attributes, 0, (all, value) => all + value);
    const count = attributes.axes.reduce((n, axis) => n * x!.dims[axis]!, 1);
    return { ...total, data: total.data.map((value) => value / count) };
  },
  emit: (emitter, [x], { axes, keepDims }) => emitter.node('ReduceMean', [x!], { axes, keepdims: Number(keepDims) }),
  gradient: (node, g) => {
    const [x] = node.inputs;
    const count = staticCount(
      'mean (gradient)',
      node.attributes.axes.map((axis) => x!.dims[axis]!),
    );
    return [expand(mul(restoreAxes(g, x!, node.attributes), 1 / count), x!.dims)];
  },
};

function extremeOp(name: string, onnx: string, start: number, better: (a: number, b: number) => number): Op<ReduceAttributes> {
  return {
    name,
    infer: ([x], attributes) => ({ type: x!.type, dims: reducedDims(x!.dims, attributes) }),
    reference: ([x], attributes) => reduceReference(x!, attributes, start, better),
    emit: (emitter, [x], { axes, keepDims }) => emitter.node(onnx, [x!], { axes, keepdims: Number(keepDims) }),
    // Ties share the gradient equally, as in PyTorch's amax and amin.
    gradient: (node, g) => {
      const [x] = node.inputs;
      const winners = cast(equal(x!, restoreAxes(node, x!, node.attributes)), node.type);
      return [mul(div(winners, sum(winners, node.attributes.axes, true)), restoreAxes(g, x!, node.attributes))];
    },
  };
}

const maxOp = extremeOp('max', 'ReduceMax', Number.NEGATIVE_INFINITY, Math.max);
const minOp = extremeOp('min', 'ReduceMin', Number.POSITIVE_INFINITY, Math.min);

function placeOp(name: string, onnx: string, start: number, better: (a: number, b: number) => number): Op<{ readonly axis: number }> {
  return {
    name,
    infer: ([x], { axis }) => ({ type: 'int64', dims: reducedDims(x!.dims, { axes: [axis], keepDims: false }) }),
    reference: ([x], { axis }) => {
      const best = reduceReference(x!, { axes: [axis], keepDims: false }, start, better);
      const data = new Float64Array(best.data.length).fill(-1);
      forEachReduced(x!, [axis], (at, value, position) => {
        if (data[at] === -1 && (value === best.data[at] || Number.isNaN(value))) data[at] = position;
      });
      return { type: 'int64', dims: best.dims, data };
    },
    emit(emitter, [x], { axis }, node) {
      const { type, dims } = node.inputs[0]!;
      if (type !== 'int64') return emitter.node(onnx, [x!], { axis, keepdims: 0, select_last_index: 0 });
      // ONNX Runtime 1.14 has no ArgMax of int64; the best of TopK is the first of equals too.
      const places = emitPlaces(emitter, x!, dims, { axis, count: 1, largest: onnx === 'ArgMax' });
      return emitter.node('Squeeze', [places, emitter.int64s([axis])]);
    },
  };
}

const argmaxOp = placeOp('argmax', 'ArgMax', Number.NEGATIVE_INFINITY, Math.max);
const argminOp = placeOp('argmin', 'ArgMin', Number.POSITIVE_INFINITY, Math.min);

/** The function of an operator that reduces `axes`, by default all. */
export function reduce(op: Op<ReduceAttributes>, x: Expr, axes: number | readonly number[] | undefined, keepDims: boolean): Expr {
  requireExpr(op.name, x);
  if (x.type === 'bool')
    throw new AutogradError({
      code: 'AUTOGRAD_TYPE',
      message: `${op.name}: the operand is bool ${formatDims(x.dims)}.`,
      fix: "Cast it to 'float32' or 'int64' first.",
    });
  const list = axes === undefined ? x.dims.map((_, axis) => axis) : typeof axes === 'number' ? [axes] : axes;
  const normal = [...new Set(list.map((axis) => normalizeAxis(op.name, axis, x.dims.length)))].sort((a, b) => a - b);
  if (normal.length === 0) return x;
  return makeExpr(op, [x], { axes: normal, keepDims });
}

/** Sum over `axes` (default: all). */
export function sum(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(sumOp, x, axes, keepDims);
}

/** Mean over `axes` (default: all). */
export function mean(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(meanOp, x, axes, keepDims);
}

/** Maximum over `axes` (default: all); ties share the gradient. */
export function max(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(maxOp, x, axes, keepDims);
}

/** Minimum over `axes` (default: all); ties share the gradient. */
export function min(x: Expr, axes?: number | readonly number[], keepDims = false): Expr {
  return reduce(minOp, x, axes, keepDims);
}

function place(op: Op<{ readonly axis: number }>, x: Expr, axis: number): Expr {
  requireExpr(op.name, x);
  return makeExpr(op, [x.type === 'bool' ? cast(x, 'int32') : x], { axis: normalizeAxis(op.name, axis, x.dims.length) });
}

/** Index of the first maximum along `axis`, as int64. */
export function argmax(x: Expr, axis = -1): Expr {
  return place(argmaxOp, x, axis);
}

/** Index of the first minimum along `axis`, as int64. */
export function argmin(x: Expr, axis = -1): Expr {
  return place(argminOp, x, axis);
}

/** Sums `x` down to `dims`, from which it was broadcast. */
export function sumTo(x: Expr, dims: Dims): Expr {
  if (sameDims(x.dims, dims)) return x;
  const shift = x.dims.length - dims.length;
  const axes = x.dims.flatMap((dim, axis) => (axis < shift || (dims[axis - shift] === 1 && dim !== 1) ? [axis] : []));
  return reshape(sum(x, axes, true), dims);
}
