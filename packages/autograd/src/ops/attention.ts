import { broadcastDims, type Dims, formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { cast } from './cast.js';
import { add, and, mul, where } from './elementwise.js';
import { constant } from './leaf.js';
import { matmul } from './matmul.js';
import { max } from './reduce.js';
import { expandDims, reshape } from './shape.js';
import { softmax } from './softmax.js';

export interface AttentionOptions {
  /** bool, true where a query may look; broadcasts to [batch, heads, queries, keys]. */
  readonly mask?: Expr;
  /** Added to the scores: relative positions, ALiBi. float32, broadcasts to [batch, heads, queries, keys]. */
  readonly bias?: Expr;
  /** Queries see no later keys; the last query sees all keys, so that a cache of earlier ones may come first. Default false. */
  readonly causal?: boolean;
  /** Factor of the scores. Default 1/√d. */
  readonly scale?: number;
  /** What becomes of the weights before they mix the values, such as dropout. */
  readonly weights?: (weights: Expr) => Expr;
}

/** What vanishes in float32's softmax; −∞ would give NaN in a row that is masked whole. */
const maskedScore = -1e9;

/** true where a query may look: at keys not later than itself, the last of both at the same place. bool [queries, keys] */
export function causalMask(queries: number, keys = queries): Expr {
  const data = Uint8Array.from({ length: queries * keys }, (_, at) => Number((at % keys) - (keys - queries) <= Math.floor(at / keys)));
  return constant({ type: 'bool', dims: [queries, keys], data });
}

/** How many heads of queries each head of keys and values serves. */
function groupSize(heads: number, [, own]: Dims, queries: Dims): number {
  if (typeof own !== 'number' || heads % own !== 0)
    throw shapeError(
      'attention',
      `${own} heads of keys for queries ${formatDims(queries)}.`,
      'The heads of keys must divide those of queries.',
    );
  return heads / own;
}

/** Gives the groups an axis of their own, behind that of their head of keys: [heads, …, …] → [heads / size, size, …, …]; what all heads share stays shared. */
function group(x: Expr, size: number): Expr {
  if (size === 1 || x.dims.length < 3) return x;
  const [heads, ...rest] = x.dims.slice(-3);
  return reshape(x, [...x.dims.slice(0, -3), ...(heads === 1 ? [1, 1] : [(heads as number) / size, size]), ...rest]);
}

/**
 * softmax(q·kᵀ·scale + bias)·v (Vaswani et al. 2017, arXiv 1706.03762). q [batch, heads, queries, d], k and v [batch, heads, keys, d]; k and v
 * may have fewer heads, each of which serves a group of queries' (Ainslie et al. 2023, arXiv 2305.13245). A query that may look at nothing gets
 * zeros, not NaN. → [batch, heads, queries, d]
 */
export function attention(q: Expr, k: Expr, v: Expr, options: AttentionOptions = {}): Expr {
  for (const [i, x] of [q, k, v].entries()) requireExpr('attention', x, i);
  const [batch, heads, queries, width] = q.dims;
  const keys = k.dims[2];
  if (q.dims.length !== 4 || k.dims.length !== 4 || v.dims.length !== 4 || typeof heads !== 'number' || typeof width !== 'number')
    throw shapeError(
      'attention',
      `q ${formatDims(q.dims)}, k ${formatDims(k.dims)}, v ${formatDims(v.dims)}.`,
      'All are [batch, heads, length, d].',
    );
  const { scale = 1 / Math.sqrt(width), causal = false, bias, weights = (all) => all } = options;
  let { mask } = options;
  if (causal) {
    if (typeof queries !== 'number' || typeof keys !== 'number' || queries > keys)
      throw shapeError(
        'attention',
        `causal over ${queries} queries and ${keys} keys.`,
        'Both need numbers, and no fewer keys than queries; or pass a mask.',
      );
    const triangle = causalMask(queries, keys);
    // One query sees all keys.
    if (queries > 1) mask = mask === undefined ? triangle : and(mask, triangle);
  }
  const size = groupSize(heads, k.dims, q.dims);
  for (const [name, extra] of [
    ['mask', options.mask],
    ['bias', bias],
  ] as const)
    if (extra !== undefined) broadcastDims(`attention (${name})`, extra.dims, [batch!, heads, queries!, keys!]);
  // A head of keys meets its group of queries by broadcasting: nothing is repeated.
  const shared = (x: Expr) => (size === 1 ? x : expandDims(x, 2));
  const scores = mul(matmul(group(q, size), shared(k), { transposeB: true }), scale); // [batch, heads, queries, keys]
  const biased = bias === undefined ? scores : add(scores, group(bias, size));
  const allowed = mask && group(mask, size);
  // The same in every layer, so that a graph holds it once.
  const masked = allowed === undefined ? biased : add(biased, where(allowed, 0, maskedScore));
  const mixed = matmul(weights(softmax(masked)), shared(v)); // [batch, heads, queries, d]
  // Only a mask from outside can leave a query without keys.
  const seen = options.mask === undefined ? mixed : mul(mixed, max(cast(allowed!, 'float32'), -1, true));
  return reshape(seen, [batch!, heads, queries!, v.dims[3]!]);
}
