import { type Dim, formatDims, normalizeAxis, stridesOf } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { emitPlaces, type Ranking } from './ranking.js';
import { takeAlong } from './take-along.js';

const withCount = <D extends Dim>(dims: readonly D[], axis: number, count: D): D[] => dims.map((dim, a) => (a === axis ? count : dim));

/** Places of the best elements along the axis, the better first; of equals the first. */
function placesReference(x: Reference, { axis, largest }: Ranking, count: number): Reference {
  const dims = withCount(x.dims, axis, count);
  const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
  const step = stridesOf(x.dims)[axis]!;
  const size = x.dims[axis]!;
  for (let outer = 0; outer < x.data.length / (size * step); outer++)
    for (let k = 0; k < step; k++) {
      const value = (i: number) => x.data[(outer * size + i) * step + k]!;
      const order = Array.from({ length: size }, (_, i) => i).sort(
        (a, b) => (largest ? value(b) - value(a) : value(a) - value(b)) || a - b,
      );
      for (let i = 0; i < count; i++) data[(outer * count + i) * step + k] = order[i]!;
    }
  return { type: 'int64', dims, data };
}

/** The indices are what the other operators take, so they come first; the values follow from them. */
const topKOp: Op<Ranking> = {
  name: 'topK',
  infer: ([x], { axis, count }) => ({ type: 'int64', dims: withCount(x!.dims, axis, count) }),
  reference: ([x], attributes, resolve) => placesReference(x!, attributes, resolve(attributes.count)),
  emit: (emitter, [x], attributes, node) => emitPlaces(emitter, x!, node.inputs[0]!.dims, attributes),
};

export interface TopK {
  readonly values: Expr;
  /** int64; of equal elements the first comes first. */
  readonly indices: Expr;
}

/** The `count` largest elements along `axis`, or the smallest, in order; gradients flow to the elements that were taken. */
export function topK(x: Expr, count: number, axis = -1, { largest = true }: { readonly largest?: boolean } = {}): TopK {
  requireExpr('topK', x);
  const at = normalizeAxis('topK', axis, x.dims.length);
  const size = x.dims[at]!;
  if (!Number.isInteger(count) || count < 1 || (typeof size === 'number' && count > size))
    throw shapeError('topK', `${count} of axis ${axis} of ${formatDims(x.dims)}.`, 'Ask for at least one, and for no more than there are.');
  return ranked(x, { axis: at, count, largest });
}

function ranked(x: Expr, attributes: Ranking): TopK {
  const indices = makeExpr(topKOp, [x], attributes);
  return { values: takeAlong(x, indices, attributes.axis), indices };
}

/** All elements along `axis` in order, and where each came from; equal elements keep their order. */
export function sort(x: Expr, axis = -1, { descending = false }: { readonly descending?: boolean } = {}): TopK {
  requireExpr('sort', x);
  const at = normalizeAxis('sort', axis, x.dims.length);
  return ranked(x, { axis: at, count: x.dims[at]!, largest: descending });
}
