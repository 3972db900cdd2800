import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, inFile, quoted } from '../../checkpoint-error.js';
import { type ReadLimits, readBudget } from '../read-budget.js';
import { readZipEntry } from '../zip/read-zip-entry.js';
import { writeZip } from '../zip/write-zip.js';
import { archiveError, readZipDirectory } from '../zip/zip-directory.js';
import { parseNpy, serializeNpy } from './npy.js';

/**
 * Reads a .npz file, a ZIP archive of .npy files as numpy.savez and numpy.savez_compressed write it. Arrays are views into `bytes` where
 * they are stored, aligned and lie row by row.
 *
 * Throws {@link CheckpointError} for what {@link parseNpy} refuses, for damaged archives, names that occur twice, and for archives that
 * would unpack to more than `maxBytes`.
 */
export async function parseNpz(bytes: Uint8Array, limits: ReadLimits = {}): Promise<Map<string, TensorLike>> {
  const budget = readBudget(bytes.length, limits);
  const tensors = new Map<string, TensorLike>();
  for (const entry of readZipDirectory(bytes)) {
    if (!entry.name.endsWith('.npy'))
      throw archiveError(`The archive holds ${quoted(entry.name)}, which is no .npy file.`, 'Leave it out.');
    const file = await readZipEntry(bytes, entry, budget);
    try {
      tensors.set(entry.name.slice(0, -'.npy'.length), parseNpy(file));
    } catch (error) {
      throw error instanceof CheckpointError ? inFile(entry.name, error) : error;
    }
  }
  return tensors;
}

export interface NpzOptions {
  /** Deflates the arrays, as numpy.savez_compressed does; default false. */
  readonly compress?: boolean;
}

/** Writes tensors as a .npz file, in the order in which they come; stored arrays lie at multiples of 64 bytes. */
export async function serializeNpz(tensors: ReadonlyMap<string, TensorLike>, { compress = false }: NpzOptions = {}): Promise<Uint8Array> {
  return writeZip(
    [...tensors].map(([name, tensor]) => [`${name}.npy`, serializeNpy(tensor)] as const),
    compress,
  );
}
