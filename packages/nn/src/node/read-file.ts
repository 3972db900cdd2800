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

/** Opens a file and reads from it; errors name the path. `check` may refuse it before all of it is read. */
export async function readFileBytes(
  path: string,
  check: (handle: FileHandle, size: number) => Promise<void> = async () => undefined,
): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a file'); // Opening a pipe would wait for a writer.
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    await check(handle, size);
    return await fill(handle, new Uint8Array(size), 0);
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
