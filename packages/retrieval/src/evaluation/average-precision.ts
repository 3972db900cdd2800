import { checkEvaluation, type Similarity } from './similarity.js';

export interface AveragePrecisionOptions {
  /** Looks at the first `k` places only (mAP@k, normalised by min(k, number of relevant)). Default: all. */
  readonly k?: number;
}

/**
 * Mean average precision, from 0 to 1, for queries with several relevant candidates.
 *
 * Tied candidates count as the mean over every order of the tie: McSherry and Najork 2008, "Computing information retrieval
 * performance measures efficiently in the presence of tied scores", section 2.
 *
 * @param similarity [queries, candidates]
 * @param relevant the numbers of the relevant candidates of each query
 * @throws RetrievalError `SIMILARITY_DIMS`, `SIMILARITY_NAN`, `RELEVANT_SETS`
 */
export function meanAveragePrecision(
  similarity: Similarity,
  relevant: readonly (readonly number[])[],
  { k = Number.POSITIVE_INFINITY }: AveragePrecisionOptions = {},
): number {
  const [queries, candidates] = checkEvaluation(similarity, relevant);
  let sum = 0;
  for (let query = 0; query < queries; query++) {
    const scores = Array.from({ length: candidates }, (_, candidate) => similarity.data[query * candidates + candidate]!);
    sum += averagePrecision(scores, new Set(relevant[query]), k);
  }
  return sum / queries;
}

function averagePrecision(scores: readonly number[], relevant: ReadonlySet<number>, k: number): number {
  const order = scores.map((_, candidate) => candidate).sort((a, b) => scores[b]! - scores[a]! || a - b);
  let sum = 0;
  let relevantAbove = 0;
  for (let start = 0; start < order.length && start < k; ) {
    let end = start;
    let relevantHere = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) if (relevant.has(order[end++]!)) relevantHere++;
    const size = end - start;
    for (let place = start; place < end && place < k && relevantHere > 0; place++) {
      // Given a relevant one at this place, the other relevant ones of the tie are spread evenly over its other places.
      const othersAbove = size === 1 ? 0 : ((place - start) * (relevantHere - 1)) / (size - 1);
      sum += ((relevantHere / size) * (relevantAbove + 1 + othersAbove)) / (place + 1);
    }
    relevantAbove += relevantHere;
    start = end;
  }
  return sum / Math.min(k, relevant.size);
}
