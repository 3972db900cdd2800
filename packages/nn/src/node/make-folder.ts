import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CheckpointError } from '../checkpoint-error.js';

/** With `recursive`, Node 20's own `mkdir` never returns from a place like /proc that takes no folders. */
async function makeWithParents(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeWithParents(dirname(path));
    await make();
  }
}

/** Makes a folder and those above it. Throws {@link CheckpointError} `CHECKPOINT_WRITE`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeWithParents(folder);
  } catch (cause) {
    const message = `${folder} could not be made: ${(cause as Error).message}.`;
    throw new CheckpointError({ code: 'CHECKPOINT_WRITE', message, fix: 'Pass a folder that can be written.', cause });
  }
}
