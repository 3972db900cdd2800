import { checkEvaluation, type Similarity } from './similarity.js';

/**
 * The rank of the best relevant candidate of each query, from 1; one of the relevant ones is enough, as on COCO and Flickr30k.
 *
 * Irrelevant candidates that tie with it count half (mid-rank: midway between the best and the worst order of the tie), so a constant
 * score earns chance level and the result does not depend on the order of candidates.
 *
 * @param similarity [queries, candidates]
 * @param relevant the numbers of the relevant candidates of each query
 * @returns [queries]
 * @throws RetrievalError `SIMILARITY_DIMS`, `SIMILARITY_NAN`, `RELEVANT_SETS`
 */
export function ranks(similarity: Similarity, relevant: readonly (readonly number[])[]): Float64Array {
  const [queries, candidates] = checkEvaluation(similarity, relevant);
  const { data } = similarity;
  const out = new Float64Array(queries);
  for (let query = 0; query < queries; query++) {
    const row = query * candidates;
    const good = new Set(relevant[query]);
    let best = Number.NEGATIVE_INFINITY;
    for (const candidate of good) best = Math.max(best, data[row + candidate]!);
    let above = 0;
    let tied = 0;
    for (let candidate = 0; candidate < candidates; candidate++) {
      const score = data[row + candidate]!;
      if (score > best) above++;
      else if (score === best && !good.has(candidate)) tied++;
    }
    out[query] = 1 + above + tied / 2;
  }
  return out;
}

/** The share of queries whose rank is at most `k`, from 0 to 1; NaN without queries. */
export function recallAtK(ranks: ArrayLike<number>, k: number): number {
  return mean(ranks, (rank) => (rank <= k ? 1 : 0));
}

/** The mean of 1 / rank, from 0 to 1; NaN without queries. */
export function meanReciprocalRank(ranks: ArrayLike<number>): number {
  return mean(ranks, (rank) => 1 / rank);
}

/** The median of ranks; of an even number, the mean of the middle two; NaN without queries. */
export function medianRank(ranks: ArrayLike<number>): number {
  const sorted = Float64Array.from(ranks).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mean(ranks: ArrayLike<number>, of: (rank: number) => number): number {
  let sum = 0;
  for (let i = 0; i < ranks.length; i++) sum += of(ranks[i]!);
  return sum / ranks.length;
}
