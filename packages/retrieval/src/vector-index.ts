import type { CallOptions, Space } from '@polymodal/modality-registry';

/** Facts kept beside a vector. Flat, so that every back end (a file, Qdrant payloads, PostgreSQL jsonb) stores them alike. */
export type Metadata = Readonly<Record<string, string | number | boolean | null>>;

export interface IndexItem {
  /** Names the item; adding an id again replaces its vector and metadata. */
  readonly id: string;
  /** [width]; any length but zero: indexes normalise to the unit sphere. */
  readonly vector: Float32Array;
  readonly metadata?: Metadata;
}

export interface IndexEntry {
  readonly id: string;
  /** [width], of unit length. */
  readonly vector: Float32Array;
  readonly metadata: Metadata;
}

export interface SearchOptions {
  /** The most hits to return. Default 10. */
  readonly k?: number;
  readonly signal?: AbortSignal;
}

export interface SearchHit {
  readonly id: string;
  /** Cosine similarity, in [-1, 1]. */
  readonly score: number;
  readonly metadata: Metadata;
}

/**
 * Vectors of one space under string ids, searched by cosine similarity. Asynchronous throughout, so that an index in this process,
 * an approximate one and a database behind a network all fit it.
 */
export interface VectorIndex {
  readonly space: Space;
  /** Length of each vector. */
  readonly width: number;
  size(): Promise<number>;
  add(items: readonly IndexItem[], options?: CallOptions): Promise<void>;
  /** Removes what is there under `ids` and returns how many that were. */
  remove(ids: readonly string[]): Promise<number>;
  get(id: string): Promise<IndexEntry | undefined>;
  /** Every id with its metadata, in insertion order where the back end keeps one. */
  entries(): AsyncIterable<Pick<IndexEntry, 'id' | 'metadata'>>;
  /** The `k` most similar, best first; all of them where there are fewer. `query` is [width]. */
  search(query: Float32Array, options?: SearchOptions): Promise<SearchHit[]>;
}
