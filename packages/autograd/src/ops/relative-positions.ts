import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { constant } from './leaf.js';
import { reshape } from './shape.js';
import { padZeros, slice } from './slice.js';

export interface RelativeBucketOptions {
  readonly queries: number;
  readonly keys: number;
  /** Default 32. */
  readonly buckets?: number;
  /** Distances from here on share the last bucket. Default 128. */
  readonly maxDistance?: number;
  /** Half of the buckets are for keys that come after the query; false (a decoder): these share bucket 0. Default true. */
  readonly bidirectional?: boolean;
  /** Position of the first query: past keys of a cache come before it. Default 0. */
  readonly offset?: number;
}

/**
 * T5's buckets of the distance from query to key (Raffel et al. 2019, arXiv 1910.10683): one each for near ones, then ever wider ones. Gather
 * rows of a learned table [buckets, heads] with it, and transpose to [heads, queries, keys]. int64 [queries, keys]
 */
export function relativeBuckets(options: RelativeBucketOptions): Expr {
  const { queries, keys, buckets = 32, maxDistance = 128, bidirectional = true, offset = 0 } = options;
  const own = bidirectional ? buckets / 2 : buckets;
  const exact = Math.floor(own / 2);
  if (!Number.isInteger(own) || exact < 1 || maxDistance <= exact)
    throw shapeError(
      'relativeBuckets',
      `${buckets} buckets up to a distance of ${maxDistance}.`,
      'Take at least 2 in each direction, and a distance beyond a quarter of them.',
    );
  const bucketOf = (distance: number): number => {
    const base = bidirectional && distance > 0 ? own : 0;
    const away = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
    if (away < exact) return base + away;
    // float32 as in the original: a boundary that float64 puts elsewhere would move a bucket.
    const { fround } = Math;
    const share = fround(fround(Math.log(fround(away / exact))) / fround(Math.log(maxDistance / exact)));
    return base + Math.min(exact + Math.trunc(fround(share * (own - exact))), own - 1);
  };
  const data = BigInt64Array.from({ length: queries * keys }, (_, at) => BigInt(bucketOf((at % keys) - Math.floor(at / keys) - offset)));
  return constant({ type: 'int64', dims: [queries, keys], data });
}

/**
 * Scores by relative position, moved to their keys (Dai et al. 2019, arXiv 1901.02860): `x` [..., length, 2·length − 1] holds for every query
 * the positions from length − 1 before it to length − 1 after it, or the other way round. → [..., length, length], where column k of
 * row q is element k − q + length − 1 of that row.
 */
export function relativeShift(x: Expr): Expr {
  requireExpr('relativeShift', x);
  const [length, span] = x.dims.slice(-2);
  if (typeof length !== 'number' || span !== 2 * length - 1)
    throw shapeError('relativeShift', `the scores are ${formatDims(x.dims)}.`, 'They must be [..., length, 2·length − 1].');
  const outer = x.dims.slice(0, -2);
  // A zero in front of each row makes the rows of the flat scores slip by one each.
  const padded = padZeros(
    x,
    x.dims.map((_, axis) => [axis === x.dims.length - 1 ? 1 : 0, 0]),
  ); // [..., length, 2·length]
  const slipped = reshape(padded, [...outer, 2 * length, length]);
  const rows = reshape(slice(slipped, -2, 1, 2 * length), [...outer, length, 2 * length - 1]);
  return slice(rows, -1, 0, length);
}
