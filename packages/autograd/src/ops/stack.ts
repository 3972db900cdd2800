import { formatDims, normalizeAxis, sameDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { expandDims, reshape } from './shape.js';
import { concat, slice } from './slice.js';

/** Joins tensors of one shape along a new axis. */
export function stack(inputs: readonly Expr[], axis = 0): Expr {
  const [first] = inputs;
  if (first === undefined) throw shapeError('stack', 'no tensors were given.');
  inputs.forEach((x, i) => {
    requireExpr('stack', x, i);
  });
  for (const x of inputs)
    if (!sameDims(x.dims, first.dims) || x.type !== first.type)
      throw shapeError('stack', `${formatDims(x.dims)} (${x.type}) does not stack on ${formatDims(first.dims)} (${first.type}).`);
  const at = normalizeAxis('stack', axis, first.dims.length + 1);
  return concat(
    inputs.map((x) => expandDims(x, at)),
    at,
  );
}

/** Cuts `axis` into pieces: a number of equal ones, or a list of sizes. Their gradients are joined in one write. */
export function split(x: Expr, pieces: number | readonly number[], axis = -1): Expr[] {
  requireExpr('split', x);
  const at = normalizeAxis('split', axis, x.dims.length);
  const size = x.dims[at]!;
  const sizes = typeof pieces === 'number' ? new Array<number>(pieces).fill((size as number) / pieces) : pieces;
  const total = sizes.reduce((sum, piece) => sum + piece, 0);
  if (typeof size !== 'number' || total !== size || !sizes.every((piece) => Number.isInteger(piece) && piece > 0))
    throw shapeError(
      'split',
      `axis ${axis} of ${formatDims(x.dims)} does not fall into ${typeof pieces === 'number' ? `${pieces} equal pieces` : `[${pieces}]`}.`,
      'The sizes are whole, positive, and add up to that of the axis.',
    );
  let end = 0;
  return sizes.map((piece) => {
    end += piece;
    return slice(x, at, end - piece, end);
  });
}

/** Drops an axis of size 1. */
export function squeeze(x: Expr, axis: number): Expr {
  requireExpr('squeeze', x);
  const at = normalizeAxis('squeeze', axis, x.dims.length);
  if (x.dims[at] !== 1)
    throw shapeError(
      'squeeze',
      `axis ${axis} of ${formatDims(x.dims)} has more than one element.`,
      'Only an axis of size 1 can be dropped.',
    );
  return reshape(x, x.dims.toSpliced(at, 1));
}
