import { writeFileAtomic } from '@polymodal/modality-registry/node';
import { DataError } from '../emoji/index.js';

/** Writes a text file whole or not at all. Throws {@link DataError} `OUTPUT_WRITE`. */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text);
  } catch (cause) {
    throw new DataError({
      code: 'OUTPUT_WRITE',
      message: `${path} cannot be written (${(cause as Error).message}).`,
      fix: 'Choose a folder that exists and may be written to, on a disk that has room.',
      cause,
    });
  }
}
