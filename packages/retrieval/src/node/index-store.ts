import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PolymodalError } from '@polymodal/modality-registry';
import { makeFolder, writeFileAtomic } from '@polymodal/modality-registry/node';
import { RetrievalError } from '../errors.js';
import { type FlatIndex, flatIndex } from '../flat-index.js';
import { type ParseIndexOptions, parseIndex, serializeIndex } from '../index-file.js';
import { MAX_FILE } from '../limits.js';
import { type FileState, fileState, sameState } from './file-state.js';

export type LoadIndexOptions = Pick<ParseIndexOptions, 'space' | 'width'>;

/**
 * Reads an index file whole and checks it.
 *
 * @throws RetrievalError `INDEX_MISSING`, `INDEX_READ`, and what {@link parseIndex} throws
 */
export async function loadIndex(path: string, { space, width }: LoadIndexOptions = {}): Promise<FlatIndex> {
  const expected = { ...(space && { space }), ...(width !== undefined && { width }) };
  return flatIndex(parseIndex(await readIndexFile(path), { ...expected, name: path }));
}

/**
 * Writes an index file atomically: a kill in the middle leaves the earlier one as it was.
 *
 * @param expected what the caller knows to be at `path`; where it is something else by now, nothing is written
 * @throws RetrievalError `INDEX_WRITE`, `INDEX_CHANGED`, `INDEX_TOO_LARGE`
 */
export async function saveIndex(path: string, index: Pick<FlatIndex, 'snapshot'>, expected?: { readonly state: FileState }): Promise<void> {
  const bytes = serializeIndex(index.snapshot());
  try {
    await makeFolder(dirname(path));
    await writeFileAtomic(path, bytes, {
      async beforeRename() {
        if (expected !== undefined && !sameState(expected.state, await fileState(path)))
          throw new RetrievalError({
            code: 'INDEX_CHANGED',
            message: `${path} was changed by another process since this one opened it.`,
            fix: 'Run the command again, when the other one has ended.',
          });
      },
    });
  } catch (cause) {
    if (PolymodalError.isInstance(cause)) throw cause;
    throw writeError(path, cause);
  }
}

export function writeError(path: string, cause: unknown): RetrievalError {
  return new RetrievalError({
    code: 'INDEX_WRITE',
    message: `cannot write the index ${path} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
    fix: 'Choose a folder that you may write to and that has room.',
    cause,
  });
}

async function readIndexFile(path: string): Promise<Uint8Array> {
  try {
    const state = await fileState(path);
    if (state !== undefined && state.size <= MAX_FILE) return await readFile(path);
    if (state !== undefined)
      throw new RetrievalError({
        code: 'INDEX_FORMAT',
        message: `${path} has ${state.size} bytes, but an index file has at most ${MAX_FILE}.`,
        fix: 'Pass the file that was indexed into.',
      });
  } catch (cause) {
    if (PolymodalError.isInstance(cause)) throw cause;
    throw new RetrievalError({
      code: 'INDEX_READ',
      message: `cannot read the index ${path} (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      fix: 'Pass the path of an index file that you may read.',
      cause,
    });
  }
  throw new RetrievalError({ code: 'INDEX_MISSING', message: `there is no index at ${path}.`, fix: 'Index a folder first.' });
}
