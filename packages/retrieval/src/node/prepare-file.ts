import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ContentPart } from '@polymodal/modality-registry';
import { RetrievalError } from '../errors.js';
import type { IndexEntry, Metadata, VectorIndex } from '../vector-index.js';

/** A file to index. */
export interface FileItem {
  readonly id: string;
  readonly path: string;
  /** Stored beside `path`, `hash`, `size` and `mtime`. */
  readonly metadata?: Metadata;
}

export interface FileContent {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Turns the bytes of a file into what the model reads, such as `{ image }`. What it throws is reported with the file. */
export type LoadFile = (file: FileContent, options: { readonly signal?: AbortSignal }) => Promise<ContentPart>;

/** What is to be done about one file. */
export type Prepared =
  | { readonly kind: 'unchanged'; readonly item: FileItem }
  /** Known content under new facts (touched, moved, copied): the vector is there already. */
  | { readonly kind: 'known'; readonly item: FileItem; readonly vector: Float32Array; readonly metadata: Metadata; readonly isNew: boolean }
  | { readonly kind: 'loaded'; readonly item: FileItem; readonly content: ContentPart; readonly metadata: Metadata }
  /** `stale`: the index has a vector for this id, of content that the file no longer has. */
  | { readonly kind: 'failed'; readonly item: FileItem; readonly error: unknown; readonly stale: boolean };

export interface PrepareContext {
  readonly index: VectorIndex;
  /** From content hash to an id that has it. */
  readonly idOfHash: ReadonlyMap<string, string>;
  readonly load: LoadFile;
  readonly maxFileBytes: number;
  readonly signal?: AbortSignal;
}

/** Looks at one file, and reads and loads it only where its content is new to the index. Never rejects. */
export async function prepareFile(item: FileItem, context: PrepareContext): Promise<Prepared> {
  const { index, idOfHash, load, maxFileBytes, signal } = context;
  let stale = false;
  try {
    signal?.throwIfAborted();
    const entry = await index.get(item.id);
    const { size, mtimeMs } = await checkFile(item.path, maxFileBytes);
    if (entry !== undefined && isUnchanged(entry, item, size, mtimeMs)) return { kind: 'unchanged', item };

    const bytes = await readFile(item.path);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const metadata: Metadata = { ...item.metadata, path: item.path, hash, size, mtime: mtimeMs };
    stale = entry !== undefined && entry.metadata.hash !== hash;
    const twin = entry !== undefined && !stale ? entry : await index.get(idOfHash.get(hash) ?? '');
    if (twin !== undefined && twin.metadata.hash === hash)
      return { kind: 'known', item, vector: twin.vector, metadata, isNew: twin !== entry };
    return { kind: 'loaded', item, content: await load({ path: item.path, bytes }, signal === undefined ? {} : { signal }), metadata };
  } catch (error) {
    return { kind: 'failed', item, error, stale };
  }
}

function isUnchanged({ metadata }: IndexEntry, item: FileItem, size: number, mtime: number): boolean {
  return metadata.path === item.path && metadata.size === size && metadata.mtime === mtime;
}

async function checkFile(path: string, maxFileBytes: number): Promise<{ size: number; mtimeMs: number }> {
  const facts = await stat(path);
  if (!facts.isFile())
    throw new RetrievalError({ code: 'FILE_KIND', message: `${path} is not a regular file.`, fix: 'Pass the paths of files.' });
  if (facts.size > maxFileBytes)
    throw new RetrievalError({
      code: 'FILE_TOO_LARGE',
      message: `${path} has ${facts.size} bytes, but at most ${maxFileBytes} are read.`,
      fix: 'Leave it out, or raise maxFileBytes.',
    });
  return facts;
}
