export { RetrievalError } from './errors.js';
export { type AveragePrecisionOptions, meanAveragePrecision } from './evaluation/average-precision.js';
export { meanReciprocalRank, medianRank, ranks, recallAtK } from './evaluation/ranks.js';
export { type DirectionMetrics, type RetrievalMetrics, retrievalMetrics } from './evaluation/retrieval-metrics.js';
export { type Similarity, similarityMatrix } from './evaluation/similarity.js';
export { type FlatIndex, type FlatIndexOptions, flatIndex, type IndexSnapshot } from './flat-index.js';
export { type ParseIndexOptions, parseIndex, serializeIndex } from './index-file.js';
export type { IndexEntry, IndexItem, Metadata, SearchHit, SearchOptions, VectorIndex } from './vector-index.js';
