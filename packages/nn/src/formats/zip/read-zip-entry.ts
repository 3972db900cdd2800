import { CheckpointError, quoted } from '../../checkpoint-error.js';
import { crc32 } from '../crc32.js';
import type { ReadBudget } from '../read-budget.js';
import { inflateRaw } from './inflate.js';
import { archiveError, type ZipEntry } from './zip-directory.js';

/** Deflate cannot do better: 258 bytes of two bits. */
const bestRatio = 1032;

async function unpack(file: Uint8Array, entry: ZipEntry, budget: ReadBudget): Promise<Uint8Array> {
  const { name, deflated, packedSize, size, start } = entry;
  const packed = file.subarray(start, start + packedSize);
  if (!deflated) {
    if (size !== packedSize) throw archiveError(`${quoted(name)} is stored in ${packedSize} bytes but claims ${size}.`);
    return packed;
  }
  if (size > packedSize * bestRatio)
    throw archiveError(`${quoted(name)} claims ${size} bytes, which ${packedSize} packed ones cannot make.`);
  budget.take(size);
  const bytes = await inflateRaw(packed, size);
  if (bytes === undefined) throw archiveError(`${quoted(name)} does not unpack to the ${size} bytes that it claims.`);
  return bytes;
}

/** The bytes of an entry: a view into the file where they are stored. Throws {@link CheckpointError} where its checksum does not hold. */
export async function readZipEntry(file: Uint8Array, entry: ZipEntry, budget: ReadBudget, checksums = true): Promise<Uint8Array> {
  const bytes = await unpack(file, entry, budget);
  if (checksums && crc32(bytes) !== entry.checksum)
    throw new CheckpointError({
      code: 'CHECKPOINT_DAMAGED',
      message: `${quoted(entry.name)} does not match its checksum.`,
      fix: 'The download or copy is damaged; fetch the file again.',
    });
  return bytes;
}
