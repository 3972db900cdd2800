import { type FileHandle, open, stat } from 'node:fs/promises';
import { CheckpointError, inFile } from '../checkpoint-error.js';

/** One read call takes at most 2 GiB. */
const chunk = 2 ** 30;

/** Fills an array from a position of a file on. */
export async function fill(handle: FileHandle, bytes: Uint8Array, position: number): Promise<Uint8Array> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(chunk, bytes.length - done), position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

/** Opens a file and reads from it. Throws {@link CheckpointError} that names the path, whatever goes wrong. */
export async function withFile<T>(path: string, read: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a file'); // Opening a pipe would wait for a writer.
    handle = await open(path, 'r');
    return await read(handle, (await handle.stat()).size);
  } catch (cause) {
    if (cause instanceof CheckpointError) throw inFile(path, cause);
    throw new CheckpointError({
      code: 'CHECKPOINT_FILE',
      message: `${path} could not be read: ${(cause as Error).message}.`,
      fix: 'Pass the path of a file that exists and fits into memory.',
      cause,
    });
  } finally {
    await handle?.close();
  }
}

/** All bytes of an open file. */
export function readWhole(handle: FileHandle, size: number): Promise<Uint8Array> {
  return fill(handle, new Uint8Array(size), 0);
}
