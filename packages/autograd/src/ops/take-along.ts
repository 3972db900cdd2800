import { formatDims, normalizeAxis, stridesOf } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { cast } from './cast.js';
import { add } from './elementwise.js';
import { emitZeros } from './leaf.js';

interface AlongAttributes {
  readonly axis: number;
}

/** Visits every index: its own flat place, and that of the element of `dims` which it names. */
function forEachIndexed(
  op: string,
  dims: readonly number[],
  indices: Reference,
  axis: number,
  visit: (at: number, target: number) => void,
): void {
  const [own, strides] = [stridesOf(indices.dims), stridesOf(dims)];
  indices.data.forEach((index, i) => {
    if (index < 0 || index >= dims[axis]!)
      throw new AutogradError({
        code: 'AUTOGRAD_INDEX',
        message: `${op}: index ${index} is outside axis ${axis} of [${dims.join(', ')}].`,
        fix: `Indices run from 0 to ${dims[axis]! - 1}.`,
      });
    let target = 0;
    for (let a = 0, rest = i; a < dims.length; a++) {
      target += (a === axis ? index : Math.floor(rest / own[a]!)) * strides[a]!;
      rest %= own[a]!;
    }
    visit(i, target);
  });
}

const takeAlongOp: Op<AlongAttributes> = {
  name: 'takeAlong',
  infer: ([x, indices]) => ({ type: x!.type, dims: indices!.dims }),
  reference([x, indices], { axis }) {
    const data = new Float64Array(indices!.data.length);
    forEachIndexed('takeAlong', x!.dims, indices!, axis, (at, target) => {
      data[at] = x!.data[target]!;
    });
    return { type: x!.type, dims: indices!.dims, data };
  },
  emit: (emitter, inputs, { axis }) => emitter.node('GatherElements', inputs, { axis }),
  gradient: (node, g) => {
    const [x, indices] = node.inputs as [Expr, Expr];
    return [makeExpr(spreadOp, [indices, g], { axis: node.attributes.axis, size: fixedSize(x, node.attributes.axis) }), undefined];
  },
};

interface SpreadAttributes extends AlongAttributes {
  readonly size: number;
}

/** `updates` added into a tensor of zeros, at the indices along one axis. */
const spreadOp: Op<SpreadAttributes> = {
  name: 'addAlong',
  infer: ([, updates], { axis, size }) => ({ type: updates!.type, dims: updates!.dims.map((dim, a) => (a === axis ? size : dim)) }),
  reference([indices, updates], { axis, size }) {
    const dims = updates!.dims.map((dim, a) => (a === axis ? size : dim));
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    forEachIndexed('addAlong', dims, indices!, axis, (at, target) => {
      data[target]! += updates!.data[at]!;
    });
    return { type: updates!.type, dims, data };
  },
  emit(emitter, [indices, updates], { axis }, node) {
    const zero = emitZeros(emitter, node.dims, node.type);
    return emitter.node('ScatterElements', [zero, indices!, updates!], { axis, reduction: 'add' });
  },
  gradient: (node, g) => [undefined, makeExpr(takeAlongOp, [g, node.inputs[0]!], { axis: node.attributes.axis })],
};

function fixedSize(x: Expr, axis: number): number {
  const size = x.dims[axis]!;
  if (typeof size === 'string')
    throw shapeError(
      'takeAlong',
      `its gradient needs the size of axis ${axis} of ${formatDims(x.dims)}.`,
      `Give dimension '${size}' a number.`,
    );
  return size;
}

function checkIndices(op: string, x: Expr, indices: Expr, axis: number): Expr {
  requireExpr(op, indices, 1);
  if (indices.type !== 'int64' && indices.type !== 'int32')
    throw new AutogradError({ code: 'AUTOGRAD_TYPE', message: `${op}: indices are ${indices.type}.`, fix: 'Cast them to int64.' });
  if (indices.dims.length !== x.dims.length || indices.dims.some((dim, a) => a !== axis && dim !== x.dims[a]))
    throw shapeError(
      op,
      `indices ${formatDims(indices.dims)} do not fit ${formatDims(x.dims)}.`,
      `All dimensions but that of axis ${axis} must be equal; expand() the indices first.`,
    );
  return cast(indices, 'int64');
}

/** Elements of `x` by an index for each along `axis`, as NumPy's `take_along_axis` and PyTorch's `gather`. → the shape of `indices` */
export function takeAlong(x: Expr, indices: Expr, axis = -1): Expr {
  requireExpr('takeAlong', x, 0);
  const at = normalizeAxis('takeAlong', axis, x.dims.length);
  return makeExpr(takeAlongOp, [x, checkIndices('takeAlong', x, indices, at)], { axis: at });
}

/** `x` with each element of `updates` added at its index along `axis`; equal indices add up, as in PyTorch's `scatter_add`. */
export function addAlong(x: Expr, indices: Expr, updates: Expr, axis = -1): Expr {
  requireExpr('addAlong', x, 0);
  const at = normalizeAxis('addAlong', axis, x.dims.length);
  const places = checkIndices('addAlong', x, indices, at);
  requireExpr('addAlong', updates, 2);
  if (updates.dims.length !== indices.dims.length || updates.dims.some((dim, a) => dim !== indices.dims[a]))
    throw shapeError(
      'addAlong',
      `updates ${formatDims(updates.dims)} for indices ${formatDims(indices.dims)}.`,
      'Give one update per index.',
    );
  return add(x, makeExpr(spreadOp, [places, updates], { axis: at, size: fixedSize(x, at) }));
}
