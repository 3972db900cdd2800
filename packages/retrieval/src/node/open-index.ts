import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type CallOptions, type ContentPart, PolymodalError, type Space, throwIfAborted } from '@polymodal/modality-registry';
import { makeFolder } from '@polymodal/modality-registry/node';
import { RetrievalError } from '../errors.js';
import { type FlatIndex, flatIndex } from '../flat-index.js';
import type { IndexEntry, SearchHit, SearchOptions } from '../vector-index.js';
import { type AddReport, addFiles } from './add-files.js';
import { type EmbedderSource, embeddersOf } from './embedders.js';
import { fileState } from './file-state.js';
import { loadIndex, saveIndex, writeError } from './index-store.js';
import type { FileItem, LoadFile } from './prepare-file.js';

export interface OpenIndexOptions {
  /** The model: a plugin with embedders, or what `loadClip` returns. */
  readonly space: EmbedderSource;
  readonly load: LoadFile;
  /** What to do where there is no file yet, or one that cannot be used: `create` (default) makes a missing one; `replace` also starts
   * afresh in place of a damaged one or one of another space; `existing` takes neither. */
  readonly mode?: 'create' | 'replace' | 'existing';
  /** Items embedded at a time. Default 64. */
  readonly batchSize?: number;
  /** While files are added, the index is saved this often at most. Default 5. */
  readonly checkpointSeconds?: number;
  /** Larger files are reported as failed, unread. Default 256 MiB. */
  readonly maxFileBytes?: number;
}

/** What to look for: a content of any modality that the space embeds, or a vector [width] of the space. */
export type Query = ContentPart | { readonly vector: Float32Array };

/** An index in a file, with the model that fills it and reads its queries. */
export interface FileIndex {
  readonly path: string;
  readonly space: Space;
  readonly width: number;
  size(): Promise<number>;
  /** Embeds what is new or changed among `files` and saves; after a kill or an abort, calling it again goes on from the last save. */
  add(files: readonly (string | FileItem)[], options?: CallOptions): Promise<AddReport>;
  /** Removes entries and saves. */
  remove(ids: readonly string[]): Promise<number>;
  entries(): AsyncIterable<Pick<IndexEntry, 'id' | 'metadata'>>;
  search(query: Query, options?: SearchOptions): Promise<SearchHit[]>;
}

/**
 * Opens the index file at `path`, or makes ready to create it.
 *
 * @throws RetrievalError `EMBEDDER_MISSING`, `INDEX_MISSING`, `INDEX_READ`, `INDEX_DAMAGED`, `SPACE_MISMATCH` and others of {@link loadIndex}
 */
export async function openIndex(path: string, options: OpenIndexOptions): Promise<FileIndex> {
  const { load, mode = 'create', batchSize = 64, checkpointSeconds = 5, maxFileBytes = 256 * 2 ** 20 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RetrievalError({
      code: 'BATCH_SIZE',
      message: `batchSize is ${batchSize}, but a whole number of at least 1 is needed.`,
      fix: 'Pass batchSize: 64.',
    });
  const file = resolve(path);
  const embedders = embeddersOf(options.space);
  const { space, width } = embedders;
  const index = await loadIndex(file, { space, width }).catch((error: unknown) => {
    const code = PolymodalError.isInstance(error) ? error.code : undefined;
    const replaceable = code === 'INDEX_MISSING' ? mode !== 'existing' : code !== 'INDEX_READ' && code !== undefined && mode === 'replace';
    if (!replaceable) throw error;
    return flatIndex({ space, width });
  });
  let state = await fileState(file).catch(() => undefined);
  const save = async () => {
    await saveIndex(file, index, { state });
    state = await fileState(file);
  };

  return {
    path: file,
    space,
    width,
    size: () => index.size(),
    entries: () => index.entries(),
    async add(files, callOptions = {}) {
      throwIfAborted(callOptions.signal);
      await checkWritable(file);
      const items = new Map(
        files.map((given) => (typeof given === 'string' ? { id: given, path: given } : given)).map((item) => [item.id, item]),
      );
      let changed = false;
      const watched: FlatIndex = {
        ...index,
        add: (added) => {
          changed = true;
          return index.add(added);
        },
        remove: async (ids) => {
          const removed = await index.remove(ids);
          changed ||= removed > 0;
          return removed;
        },
      };
      const saveChanges = async () => {
        if (changed) await save();
        changed = false;
      };
      let lastSave = performance.now();
      let saveCost = 0;
      const checkpoint = async () => {
        const start = performance.now();
        // Saves of a large index stay under a tenth of the time.
        if (start - lastSave < Math.max(checkpointSeconds * 1000, 10 * saveCost)) return;
        await saveChanges();
        lastSave = performance.now();
        saveCost = lastSave - start;
      };
      let report: AddReport;
      try {
        report = await addFiles(
          [...items.values()],
          { index: watched, embedders, load, batchSize, maxFileBytes, afterBatch: checkpoint },
          callOptions,
        );
      } catch (error) {
        // An abort keeps what was done; should this save fail too, the first error says more.
        await saveChanges().catch(() => undefined);
        throw error;
      }
      await saveChanges();
      return report;
    },
    async remove(ids) {
      const removed = await index.remove(ids);
      if (removed > 0) await save();
      return removed;
    },
    async search(query, searchOptions = {}) {
      throwIfAborted(searchOptions.signal);
      if ('vector' in query) return index.search(query.vector, searchOptions);
      const { signal } = searchOptions;
      const [vector] = await embedders.embed([query], signal === undefined ? {} : { signal });
      return index.search(vector!, searchOptions);
    },
  };
}

/** Finds out before hours of embedding, not after, that the result cannot be saved. */
async function checkWritable(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw writeError(path, cause);
  }
}
