import { CheckpointError, inFile } from '../checkpoint-error.js';
import { parseSafetensors, type Safetensors } from '../safetensors.js';
import { parseHeader, parseHeaderLength } from '../safetensors-header.js';
import { fill, readFileBytes } from './read-file.js';

/** Reads the bytes of a safetensors file whose header is sound. */
export function readSafetensorsBytes(path: string): Promise<Uint8Array> {
  return readFileBytes(path, async (handle, size) => {
    // The header is checked against the size first, so that a large file of another kind is refused before it is read.
    const prefix = await fill(handle, new Uint8Array(Math.min(8, size)), 0);
    const headerLength = parseHeaderLength(prefix, size);
    parseHeader(await fill(handle, new Uint8Array(headerLength), 8), size - 8 - headerLength);
  });
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
