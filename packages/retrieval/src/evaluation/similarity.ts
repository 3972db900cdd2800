import type { TensorLike } from '@polymodal/modality-registry';
import { RetrievalError } from '../errors.js';
import { writeUnitVector } from '../unit-vector.js';

/** Scores of every candidate for every query, higher is better. [queries, candidates] */
export interface Similarity {
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | readonly number[];
}

/**
 * Cosine similarity of every query with every candidate.
 *
 * @param queries [queries, width], of any length but zero
 * @param candidates [candidates, width]
 * @returns [queries, candidates]
 * @throws RetrievalError `SIMILARITY_DIMS`, `VECTOR_NOT_FINITE`, `VECTOR_ZERO`
 */
export function similarityMatrix(queries: TensorLike<'float32'>, candidates: TensorLike<'float32'>): TensorLike<'float32'> {
  const [m, width] = queries.dims as [number, number];
  const [n, otherWidth] = candidates.dims as [number, number];
  const fits = (x: TensorLike) => x.dims.length === 2 && x.data.length === x.dims[0]! * x.dims[1]!;
  if (!fits(queries) || !fits(candidates) || width !== otherWidth)
    throw new RetrievalError({
      code: 'SIMILARITY_DIMS',
      message: `queries are [${queries.dims}] and candidates [${candidates.dims}], but [queries, width] and [candidates, width] of one width are needed.`,
      fix: 'Pass the vectors of one embedder, in batches.',
    });
  const unit = (x: TensorLike<'float32'>, count: number, what: string) => {
    const out = new Float32Array(count * width); // [count, width]
    for (let row = 0; row < count; row++)
      writeUnitVector(x.data.subarray(row * width, (row + 1) * width), width, `${what} ${row}`, out, row * width);
    return out;
  };
  const a = unit(queries, m, 'query');
  const b = unit(candidates, n, 'candidate');
  const data = new Float32Array(m * n); // [queries, candidates]
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += a[i * width + x]! * b[j * width + x]!;
      data[i * n + j] = sum;
    }
  return { type: 'float32', dims: [m, n], data };
}

/**
 * Checks scores and ground truth, once for all measures.
 *
 * @throws RetrievalError `SIMILARITY_DIMS`, `SIMILARITY_NAN`, `RELEVANT_SETS`
 */
export function checkEvaluation(
  { dims, data }: Similarity,
  relevant: readonly (readonly number[])[],
): readonly [queries: number, candidates: number] {
  const [queries = 0, candidates = 0] = dims;
  if (dims.length !== 2 || data.length !== queries * candidates)
    throw new RetrievalError({
      code: 'SIMILARITY_DIMS',
      message: `the similarity matrix has dims [${dims}] and ${data.length} scores, but [queries, candidates] is needed.`,
      fix: 'Pass what similarityMatrix returns.',
    });
  for (const score of data)
    if (Number.isNaN(score))
      throw new RetrievalError({
        code: 'SIMILARITY_NAN',
        message: 'the similarity matrix contains NaN.',
        fix: 'Look at the model that made the vectors.',
      });
  if (relevant.length !== queries)
    throw new RetrievalError({
      code: 'RELEVANT_SETS',
      message: `there are ${queries} queries, but ${relevant.length} sets of relevant candidates.`,
      fix: 'Pass one array of candidate numbers for each query.',
    });
  for (const [query, set] of relevant.entries())
    if (set.length === 0 || set.some((c) => !Number.isInteger(c) || c < 0 || c >= candidates))
      throw new RetrievalError({
        code: 'RELEVANT_SETS',
        message: `query ${query} has the relevant candidates [${set}], but at least one is needed, each from 0 to ${candidates - 1}.`,
        fix: 'Leave out queries that nothing answers.',
      });
  return [queries, candidates];
}
