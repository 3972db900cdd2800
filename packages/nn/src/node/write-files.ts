import { rm } from 'node:fs/promises';
import { makeFolder, type WriteFileOptions, writeFileAtomic } from '@polymodal/modality-registry/node';
import { CheckpointError } from '../checkpoint-error.js';

/** Makes a folder for weights. Throws {@link CheckpointError} `CHECKPOINT_WRITE`. */
export async function makeWeightsFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    const message = `${folder} could not be made: ${(cause as Error).message}.`;
    throw new CheckpointError({ code: 'CHECKPOINT_WRITE', message, fix: 'Pass a folder that can be written.', cause });
  }
}

/** Writes a file of weights whole or not at all. Throws {@link CheckpointError} `CHECKPOINT_WRITE`. */
export async function writeWeightsFile(path: string, bytes: Uint8Array, options: WriteFileOptions = {}): Promise<void> {
  try {
    await writeFileAtomic(path, bytes, options);
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause; // Of a file that is written before this one's rename.
    throw new CheckpointError({
      code: 'CHECKPOINT_WRITE',
      message: `${path} could not be written: ${(cause as Error).message}.`,
      fix: 'Check that its folder exists and is writable, and that the disk has room.',
      cause,
    });
  }
}

/**
 * Writes files that belong together: all under temporary names, which takes all the room and the time, and then, one right after the other,
 * under their own. `removed` goes in between: what must not be found beside a part of the new files. Their folders must exist.
 */
export async function writeWeightsFiles(files: ReadonlyMap<string, Uint8Array>, removed?: string): Promise<void> {
  const entries = [...files];
  // The last file is the outermost: it is renamed when all others have been.
  const write = async (count: number): Promise<void> => {
    const entry = entries[count - 1];
    if (entry !== undefined) await writeWeightsFile(...entry, { beforeRename: () => write(count - 1) });
    else if (removed !== undefined) await rm(removed, { force: true });
  };
  await write(entries.length);
}
