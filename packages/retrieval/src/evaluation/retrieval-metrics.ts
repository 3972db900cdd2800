import { meanReciprocalRank, medianRank, ranks, recallAtK } from './ranks.js';
import type { Similarity } from './similarity.js';

/** Measures of one direction; recalls are fractions. */
export interface DirectionMetrics {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
  readonly medianRank: number;
  readonly meanReciprocalRank: number;
  /** How many queries were asked. */
  readonly queries: number;
  readonly candidates: number;
}

export interface RetrievalMetrics {
  /** From rows to columns of the matrix (text → image, where rows are texts). */
  readonly forward: DirectionMetrics;
  /** From columns to rows. */
  readonly backward: DirectionMetrics;
  /** The sum of Recall@1, 5 and 10 both ways, in percent: at most 600. */
  readonly rsum: number;
}

/**
 * Cross-modal retrieval, both ways, as on COCO and Flickr30k: a query is answered by any of its relevant candidates, ties by mid-rank.
 *
 * A column that is relevant to no row is a distractor: it is a candidate forward and no query backward.
 *
 * @param similarity [queries, candidates]
 * @param relevant the numbers of the relevant columns of each row; default: row i and column i belong together
 * @throws RetrievalError `SIMILARITY_DIMS`, `SIMILARITY_NAN`, `RELEVANT_SETS`
 */
export function retrievalMetrics(similarity: Similarity, relevant?: readonly (readonly number[])[]): RetrievalMetrics {
  const [rows = 0, columns = 0] = similarity.dims;
  const sets = relevant ?? Array.from({ length: rows }, (_, row) => [row]);
  const forward = directionMetrics(ranks(similarity, sets), columns);

  const rowsOf = Array.from({ length: columns }, () => [] as number[]);
  for (const [row, set] of sets.entries()) for (const column of new Set(set)) rowsOf[column]!.push(row);
  const asked = rowsOf.flatMap((set, column) => (set.length > 0 ? [column] : []));
  const transposed = new Float64Array(asked.length * rows); // [asked columns, rows]
  for (const [i, column] of asked.entries())
    for (let row = 0; row < rows; row++) transposed[i * rows + row] = similarity.data[row * columns + column]!;
  const backwardRanks = ranks(
    { dims: [asked.length, rows], data: transposed },
    asked.map((column) => rowsOf[column]!),
  );
  const backward = directionMetrics(backwardRanks, rows);

  const sum = (d: DirectionMetrics) => d.r1 + d.r5 + d.r10;
  return { forward, backward, rsum: 100 * (sum(forward) + sum(backward)) };
}

function directionMetrics(found: Float64Array, candidates: number): DirectionMetrics {
  return {
    r1: recallAtK(found, 1),
    r5: recallAtK(found, 5),
    r10: recallAtK(found, 10),
    medianRank: medianRank(found),
    meanReciprocalRank: meanReciprocalRank(found),
    queries: found.length,
    candidates,
  };
}
