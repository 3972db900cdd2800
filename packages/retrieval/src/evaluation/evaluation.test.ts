import { describe, expect, test } from '@jest/globals';
import { RetrievalError } from '../errors.js';
import { meanAveragePrecision } from './average-precision.js';
import { meanReciprocalRank, medianRank, ranks, recallAtK } from './ranks.js';
import { retrievalMetrics } from './retrieval-metrics.js';
import { similarityMatrix } from './similarity.js';

function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

/** Every order of the candidates that a sort by score may give. */
function orders(scores: readonly number[]): number[][] {
  const groups = [...new Set(scores)].sort((a, b) => b - a).map((score) => scores.flatMap((s, i) => (s === score ? [i] : [])));
  return groups.reduce<number[][]>((heads, group) => heads.flatMap((head) => permutations(group).map((tail) => [...head, ...tail])), [[]]);
}

const firstHit = (order: readonly number[], set: readonly number[]) => 1 + order.findIndex((candidate) => set.includes(candidate));
const averagePrecisionOf = (order: readonly number[], set: readonly number[], k: number) => {
  let hits = 0;
  let sum = 0;
  for (const [i, candidate] of order.slice(0, k).entries()) if (set.includes(candidate)) sum += ++hits / (i + 1);
  return sum / Math.min(set.length, k);
};
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

test('every measure equals a brute-force oracle over all orders of ties, on 1,000 random matrices', () => {
  const random = generator(7);
  for (let round = 0; round < 1000; round++) {
    const queries = 1 + random(4);
    const candidates = 1 + random(6);
    const levels = 1 + random(8); // few levels make many ties
    const rows = Array.from({ length: queries }, () => Array.from({ length: candidates }, () => random(levels)));
    const relevant = rows.map((row) => {
      const set = row.flatMap((_, i) => (random(3) === 0 ? [i] : []));
      return set.length > 0 ? set : [random(candidates)];
    });
    const similarity = { dims: [queries, candidates], data: Float32Array.from(rows.flat()) };
    const k = 1 + random(candidates + 1);

    const oracle = rows.map((row, q) => {
      const hits = orders(row).map((order) => firstHit(order, relevant[q]!));
      return (Math.min(...hits) + Math.max(...hits)) / 2;
    });
    const found = ranks(similarity, relevant);
    expect([...found]).toEqual(oracle);
    expect(recallAtK(found, k)).toBeCloseTo(oracle.filter((rank) => rank <= k).length / queries, 12);
    expect(meanReciprocalRank(found)).toBeCloseTo(mean(oracle.map((rank) => 1 / rank)), 12);
    const sorted = oracle.toSorted((a, b) => a - b);
    expect(medianRank(found)).toBe((sorted[Math.floor((queries - 1) / 2)]! + sorted[Math.ceil((queries - 1) / 2)]!) / 2);

    for (const depth of [k, Number.POSITIVE_INFINITY]) {
      const precision = mean(rows.map((row, q) => mean(orders(row).map((order) => averagePrecisionOf(order, relevant[q]!, depth)))));
      expect(meanAveragePrecision(similarity, relevant, { k: depth })).toBeCloseTo(precision, 10);
    }

    const columnRelevant = Array.from({ length: candidates }, (_, c) => rows.flatMap((_, q) => (relevant[q]!.includes(c) ? [q] : [])));
    const backward = columnRelevant.flatMap((set, c) => {
      if (set.length === 0) return [];
      const hits = orders(rows.map((row) => row[c]!)).map((order) => firstHit(order, set));
      return [(Math.min(...hits) + Math.max(...hits)) / 2];
    });
    const recall = (list: readonly number[], depth: number) => list.filter((rank) => rank <= depth).length / list.length;
    const metrics = retrievalMetrics(similarity, relevant);
    const rsum = [1, 5, 10].reduce((sum, depth) => sum + recall(oracle, depth) + recall(backward, depth), 0) * 100;
    expect(metrics.rsum).toBeCloseTo(rsum, 9);
    expect(metrics.backward.queries).toBe(backward.length);
    expect(metrics.backward.meanReciprocalRank).toBeCloseTo(mean(backward.map((rank) => 1 / rank)), 12);
  }
});

describe('retrievalMetrics', () => {
  test('gives 600 for a perfect model and chance level for a constant one', () => {
    const n = 20;
    const perfect = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    expect(retrievalMetrics({ dims: [n, n], data: perfect }).rsum).toBe(600);
    const constant = retrievalMetrics({ dims: [n, n], data: new Float32Array(n * n) });
    expect(constant.forward).toEqual({
      r1: 0,
      r5: 0,
      r10: 0,
      medianRank: 10.5,
      meanReciprocalRank: expect.closeTo(1 / 10.5, 12),
      queries: n,
      candidates: n,
    });
  });

  test('counts any of five captions, as on COCO', () => {
    // 2 images, 4 captions; the first image's best caption is its second one
    const similarity = { dims: [2, 4], data: [0.1, 0.9, 0.5, 0.2, 0.3, 0.8, 0.7, 0.1] };
    const { forward, backward } = retrievalMetrics(similarity, [
      [0, 1],
      [2, 3],
    ]);
    expect(forward.r1).toBe(0.5);
    expect(backward).toMatchObject({ queries: 4, candidates: 2, r1: 0.5 });
  });
});

test('similarityMatrix is the cosine', () => {
  const { dims, data } = similarityMatrix(
    { type: 'float32', dims: [1, 2], data: Float32Array.of(3, 0) },
    { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 1, -2, 0) },
  );
  expect(dims).toEqual([1, 2]);
  expect([...data]).toEqual([expect.closeTo(Math.SQRT1_2, 6), -1]);
});

test('bad input gives typed errors', () => {
  const one = { type: 'float32', dims: [1, 2], data: Float32Array.of(1, 0) } as const;
  const cases: [string, () => unknown][] = [
    ['SIMILARITY_DIMS', () => similarityMatrix(one, { ...one, dims: [2, 1] })],
    ['SIMILARITY_DIMS', () => similarityMatrix(one, { ...one, dims: [2, 2] })],
    ['VECTOR_ZERO', () => similarityMatrix(one, { ...one, data: new Float32Array(2) })],
    ['SIMILARITY_DIMS', () => ranks({ dims: [2, 2], data: [1] }, [[0]])],
    ['SIMILARITY_NAN', () => ranks({ dims: [1, 1], data: [Number.NaN] }, [[0]])],
    ['RELEVANT_SETS', () => ranks(one, [])],
    ['RELEVANT_SETS', () => ranks(one, [[]])],
    ['RELEVANT_SETS', () => ranks(one, [[2]])],
    ['RELEVANT_SETS', () => retrievalMetrics({ dims: [2, 1], data: [1, 2] })],
  ];
  for (const [code, run] of cases) {
    try {
      run();
      throw new Error(`no ${code}`);
    } catch (error) {
      if (!(error instanceof RetrievalError)) throw error;
      expect(error.code).toBe(code);
    }
  }
});
