import type { CallOptions, ContentPart } from '@polymodal/modality-registry';
import { squaredLength } from '../unit-vector.js';
import type { IndexItem, VectorIndex } from '../vector-index.js';
import type { SpaceEmbedders } from './embedders.js';
import { type FileItem, type LoadFile, type Prepared, prepareFile } from './prepare-file.js';

export interface AddReport {
  /** Files that are new in the index, or whose content changed. */
  readonly added: number;
  /** Files that the index already held as they are. */
  readonly skipped: number;
  /** Files that could not be read, loaded or embedded, in the order given; the rest were indexed. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

export interface AddFilesContext {
  readonly index: VectorIndex;
  readonly embedders: SpaceEmbedders;
  readonly load: LoadFile;
  readonly batchSize: number;
  readonly maxFileBytes: number;
  /** Called after each batch that changed the index. */
  readonly afterBatch: () => Promise<void>;
}

type Loaded = Extract<Prepared, { kind: 'loaded' }>;

/** Files read and decoded at a time, while a batch is embedded. */
const READ_AHEAD = 4;
/** A batch of large pictures is closed early, so that memory does not grow with the batch size. */
const MAX_BATCH_BYTES = 128 * 2 ** 20;

/** Embeds files in batches keyed by content hash: what is known is not embedded again, and what fails does not stop the rest. */
export async function addFiles(
  files: readonly FileItem[],
  context: AddFilesContext,
  { signal, onProgress }: CallOptions,
): Promise<AddReport> {
  const { index, embedders, load, batchSize, maxFileBytes, afterBatch } = context;
  const idOfHash = new Map<string, string>();
  for await (const { id, metadata } of index.entries()) if (typeof metadata.hash === 'string') idOfHash.set(metadata.hash, id);

  const failed: { id: string; error: unknown }[] = [];
  let added = 0;
  let skipped = 0;
  let batch: Loaded[] = [];
  let bytes = 0;
  const report = () => onProgress?.({ done: added + skipped + failed.length, total: files.length, stage: 'embedding' });

  const flush = async () => {
    const { items, errors } = await embedBatch(batch, embedders, signal);
    await index.add(items);
    await index.remove(errors.map(({ id }) => id));
    for (const { metadata, item } of batch) idOfHash.set(metadata.hash as string, item.id);
    added += items.length;
    failed.push(...errors);
    batch = [];
    bytes = 0;
    report();
    await afterBatch();
  };

  const prepare = (item: FileItem) => prepareFile(item, { index, idOfHash, load, maxFileBytes, ...(signal && { signal }) });
  for await (const prepared of mapInOrder(files, READ_AHEAD, prepare)) {
    signal?.throwIfAborted();
    const { item } = prepared;
    if (prepared.kind === 'loaded') {
      batch.push(prepared);
      bytes += contentBytes(prepared.content);
      if (batch.length >= batchSize || bytes >= MAX_BATCH_BYTES) await flush();
      continue;
    }
    if (prepared.kind === 'unchanged') skipped++;
    else if (prepared.kind === 'failed') {
      failed.push({ id: item.id, error: prepared.error });
      if (prepared.stale) await index.remove([item.id]);
    } else {
      await index.add([{ id: item.id, vector: prepared.vector, metadata: prepared.metadata }]);
      if (prepared.isNew) added++;
      else skipped++;
    }
  }
  if (batch.length > 0) await flush();
  report();
  const place = new Map(files.map(({ id }, i) => [id, i]));
  return { added, skipped, failed: failed.sort((a, b) => place.get(a.id)! - place.get(b.id)!) };
}

interface EmbeddedBatch {
  readonly items: IndexItem[];
  readonly errors: { id: string; error: unknown }[];
}

/** Embeds a batch at once; where that throws, one by one, to tell the item at fault from the others. */
async function embedBatch(batch: readonly Loaded[], embedders: SpaceEmbedders, signal: AbortSignal | undefined): Promise<EmbeddedBatch> {
  const out: EmbeddedBatch = { items: [], errors: [] };
  const embed = async (members: readonly Loaded[]) => {
    const vectors = await embedders.embed(
      members.map(({ content }) => content),
      signal === undefined ? {} : { signal },
    );
    return (i: number) => vectors[i]!;
  };
  const collect = async ({ item, metadata }: Loaded, vectorOf: () => Float32Array | Promise<Float32Array>) => {
    try {
      const vector = await vectorOf();
      squaredLength(vector, embedders.width, `the vector of ${item.id}`);
      out.items.push({ id: item.id, vector, metadata });
    } catch (error) {
      signal?.throwIfAborted();
      out.errors.push({ id: item.id, error });
    }
  };
  const together = await embed(batch).catch(() => undefined);
  signal?.throwIfAborted();
  for (const [i, loaded] of batch.entries()) await collect(loaded, () => together?.(i) ?? embed([loaded]).then((vectorOf) => vectorOf(0)));
  return out;
}

/** Runs up to `concurrency` calls ahead of the consumer and yields their results in order; `call` must not reject. */
async function* mapInOrder<T, R>(items: readonly T[], concurrency: number, call: (item: T) => Promise<R>): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  for (let next = 0; next < items.length || pending.length > 0; ) {
    while (next < items.length && pending.length < concurrency) pending.push(call(items[next++]!));
    yield await pending.shift()!;
  }
}

/** How much memory a content holds, near enough. */
function contentBytes(content: ContentPart): number {
  const [value] = Object.values(content) as unknown[];
  if (typeof value === 'string') return 2 * value.length;
  const data = (Object(value) as { data?: unknown }).data;
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}
