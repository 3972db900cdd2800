import { makeFolder, writeFileAtomic } from '@polymodal/modality-registry/node';
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
export async function writeWeightsFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(path, bytes);
  } catch (cause) {
    throw new CheckpointError({
      code: 'CHECKPOINT_WRITE',
      message: `${path} could not be written: ${(cause as Error).message}.`,
      fix: 'Check that its folder exists and is writable, and that the disk has room.',
      cause,
    });
  }
}
