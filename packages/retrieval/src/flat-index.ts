import { type CallOptions, type Space, throwIfAborted } from '@polymodal/modality-registry';
import { checkMetadata } from './check.js';
import { RetrievalError } from './errors.js';
import { MAX_ELEMENTS, MAX_WIDTH } from './limits.js';
import { topKCollector } from './top-k.js';
import { squaredLength, writeUnitVector } from './unit-vector.js';
import type { IndexEntry, IndexItem, Metadata, SearchHit, SearchOptions, VectorIndex } from './vector-index.js';

/** Everything that a flat index holds, as plain data: what {@link serializeIndex} writes and {@link parseIndex} reads. */
export interface IndexSnapshot {
  readonly space: Space;
  readonly width: number;
  readonly items: readonly { readonly id: string; readonly metadata: Metadata }[];
  /** Unit vectors, row after row. [items.length, width] */
  readonly vectors: Float32Array;
}

export interface FlatIndexOptions {
  readonly space: Space;
  readonly width: number;
}

/** An exact index in memory. */
export interface FlatIndex extends VectorIndex {
  /** What the index holds now; `vectors` is a view that later changes of the index may write to. */
  snapshot(): IndexSnapshot;
}

/**
 * An exact index: unit vectors in one Float32Array, compared by dot product with every query.
 *
 * Hits of equal score come in insertion order; an id that is added again keeps its place; removal closes the gap.
 *
 * @throws RetrievalError `INDEX_WIDTH`
 */
export function flatIndex(options: FlatIndexOptions | IndexSnapshot): FlatIndex {
  const { width } = options;
  const space: Space = { name: options.space.name, fingerprint: options.space.fingerprint };
  if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH)
    throw new RetrievalError({
      code: 'INDEX_WIDTH',
      message: `width is ${width}, but an index needs a whole number from 1 to ${MAX_WIDTH}.`,
      fix: 'Pass the width of the embedder.',
    });
  const given = 'items' in options ? options : { items: [], vectors: new Float32Array(0) };
  const items: { id: string; metadata: Metadata }[] = given.items.map(({ id, metadata }) => ({ id, metadata }));
  const slotOf = new Map<string, number>(items.map(({ id }, slot) => [id, slot]));
  let vectors = given.vectors.slice(); // [capacity, width]

  const reserve = (count: number) => {
    const needed = count * width;
    if (needed > MAX_ELEMENTS)
      throw new RetrievalError({
        code: 'INDEX_FULL',
        message: `${count} vectors of width ${width} exceed what one flat index holds (${Math.floor(MAX_ELEMENTS / width)}).`,
        fix: 'Split the items over several indexes, or use a vector database.',
      });
    if (needed <= vectors.length) return;
    const grown = new Float32Array(Math.min(MAX_ELEMENTS, Math.max(needed, 2 * vectors.length)));
    grown.set(vectors.subarray(0, items.length * width));
    vectors = grown;
  };

  return {
    space,
    width,
    async size() {
      return items.length;
    },
    async add(added: readonly IndexItem[], { signal }: CallOptions = {}) {
      throwIfAborted(signal);
      // All are checked before any is stored, so a bad one leaves the index as it was.
      for (const { id, vector, metadata } of added) {
        checkId(id);
        squaredLength(vector, width, `the vector of ${JSON.stringify(id)}`);
        if (metadata !== undefined) checkMetadata(metadata, id);
      }
      reserve(items.length + new Set(added.filter(({ id }) => !slotOf.has(id)).map(({ id }) => id)).size);
      for (const { id, vector, metadata = {} } of added) {
        const slot = slotOf.get(id) ?? items.length;
        writeUnitVector(vector, width, id, vectors, slot * width);
        items[slot] = { id, metadata: { ...metadata } };
        slotOf.set(id, slot);
      }
    },
    async remove(ids) {
      const gone = new Set(ids.filter((id) => slotOf.has(id)));
      if (gone.size === 0) return 0;
      let kept = 0;
      for (let slot = 0; slot < items.length; slot++) {
        if (gone.has(items[slot]!.id)) continue;
        if (kept !== slot) {
          items[kept] = items[slot]!;
          vectors.copyWithin(kept * width, slot * width, (slot + 1) * width);
        }
        kept++;
      }
      items.length = kept;
      slotOf.clear();
      for (let slot = 0; slot < kept; slot++) slotOf.set(items[slot]!.id, slot);
      return gone.size;
    },
    async get(id): Promise<IndexEntry | undefined> {
      const slot = slotOf.get(id);
      if (slot === undefined) return undefined;
      return { id, vector: vectors.slice(slot * width, (slot + 1) * width), metadata: items[slot]!.metadata };
    },
    async *entries() {
      for (const { id, metadata } of [...items]) yield { id, metadata };
    },
    async search(query, { k = 10, signal }: SearchOptions = {}): Promise<SearchHit[]> {
      throwIfAborted(signal);
      if (!Number.isInteger(k) || k < 1)
        throw new RetrievalError({
          code: 'SEARCH_K',
          message: `k is ${k}, but it must be a whole number of at least 1.`,
          fix: 'Pass k: 10.',
        });
      const unit = new Float32Array(width);
      writeUnitVector(query, width, 'the query vector', unit);
      const best = topKCollector(Math.min(k, items.length));
      for (let slot = 0; slot < items.length; slot++) best.offer(slot, dot(unit, vectors, slot * width, width));
      const { slots, scores } = best.finish();
      // Rounding may carry the cosine of two equal vectors a hair past 1.
      return Array.from(slots, (slot, i) => ({ ...items[slot]!, score: Math.max(-1, Math.min(1, scores[i]!)) }));
    },
    snapshot() {
      return { space, width, items: [...items], vectors: vectors.subarray(0, items.length * width) };
    },
  };
}

/** Four independent sums: a single one would make every addition wait for the last. */
function dot(query: Float32Array, vectors: Float32Array, offset: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < width; i += 4) {
    s0 += query[i]! * vectors[offset + i]!;
    s1 += query[i + 1]! * vectors[offset + i + 1]!;
    s2 += query[i + 2]! * vectors[offset + i + 2]!;
    s3 += query[i + 3]! * vectors[offset + i + 3]!;
  }
  for (; i < width; i++) s0 += query[i]! * vectors[offset + i]!;
  return s0 + s1 + (s2 + s3);
}

function checkId(id: string): void {
  if (typeof id !== 'string' || id === '')
    throw new RetrievalError({
      code: 'ITEM_ID',
      message: `an item's id is ${typeof id === 'string' ? 'the empty string' : `of type ${typeof id}`}, but it must be a string of at least one character.`,
      fix: 'Pass a path, a URL or a key.',
    });
}
