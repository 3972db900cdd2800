import type { FileHandle } from 'node:fs/promises';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Safetensors, tensorAt } from '../safetensors.js';
import { type Header, parseHeader, parseHeaderLength } from '../safetensors-header.js';
import { fill, readWhole, withFile } from './read-file.js';

/** The header of an open file, checked against the file's size, so that a large file of another kind is refused before it is read. */
async function readHeader(handle: FileHandle, size: number): Promise<Header & { readonly dataStart: number }> {
  const prefix = await fill(handle, new Uint8Array(Math.min(8, size)), 0);
  const dataStart = 8 + parseHeaderLength(prefix, size);
  return { ...parseHeader(await fill(handle, new Uint8Array(dataStart - 8), 8), size - dataStart), dataStart };
}

/** Reads the bytes of a safetensors file whose header is sound. */
export function readSafetensorsBytes(path: string): Promise<Uint8Array> {
  return withFile(path, async (handle, size) => {
    await readHeader(handle, size);
    return readWhole(handle, size);
  });
}

/** Reads an open safetensors file, each tensor into its own memory: aligned without a copy, and however large the file is. */
export async function readOpenSafetensors(handle: FileHandle, size: number): Promise<Safetensors> {
  const { entries, metadata, dataStart } = await readHeader(handle, size);
  const tensors = new Map<string, TensorLike>();
  for (const entry of entries) {
    const bytes = await fill(handle, new Uint8Array(entry.end - entry.start), dataStart + entry.start);
    tensors.set(entry.name, tensorAt(bytes, 0, entry));
  }
  return { tensors, metadata };
}

/**
 * Reads a safetensors file, each tensor straight into its own memory, so that files may be larger than one array can be. Throws
 * {@link CheckpointError} that names the path.
 */
export function readSafetensors(path: string): Promise<Safetensors> {
  return withFile(path, readOpenSafetensors);
}
