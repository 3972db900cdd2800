import { type FileHandle, open, stat } from 'node:fs/promises';
import { CheckpointError, inFile } from '../checkpoint-error.js';
import { parseSafetensors, type Safetensors } from '../safetensors.js';
import { parseHeader, parseHeaderLength } from '../safetensors-header.js';

/** One read call takes at most 2 GiB. */
const chunk = 2 ** 30;

async function fill(handle: FileHandle, bytes: Uint8Array, position: number): Promise<Uint8Array> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(chunk, bytes.length - done), position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function readChecked(handle: FileHandle): Promise<Uint8Array> {
  const { size } = await handle.stat();
  // The header is checked against the size first, so that a large file of another kind is refused before it is read.
  const prefix = await fill(handle, new Uint8Array(Math.min(8, size)), 0);
  const headerLength = parseHeaderLength(prefix, size);
  parseHeader(await fill(handle, new Uint8Array(headerLength), 8), size - 8 - headerLength);
  return fill(handle, new Uint8Array(size), 0);
}

/** Reads the bytes of a safetensors file whose header is sound. */
export async function readSafetensorsBytes(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is not a file'); // Opening a pipe would wait for a writer.
    handle = await open(path, 'r');
    return await readChecked(handle);
  } catch (cause) {
    if (cause instanceof CheckpointError) throw inFile(path, cause);
    throw new CheckpointError({
      code: 'CHECKPOINT_FILE',
      message: `${path} could not be read: ${(cause as Error).message}.`,
      fix: 'Pass the path of a .safetensors file that exists and fits into memory.',
      cause,
    });
  } finally {
    await handle?.close();
  }
}

/** Reads a safetensors file; the tensors are views into one buffer. Throws {@link CheckpointError} that names the path. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readSafetensorsBytes(path);
  try {
    return parseSafetensors(bytes);
  } catch (error) {
    throw error instanceof CheckpointError ? inFile(path, error) : error;
  }
}
