import { CheckpointError } from '../checkpoint-error.js';

/** Zeroed bytes. Throws {@link CheckpointError} `CHECKPOINT_SIZE` where they do not fit into one array. */
export function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    const message = `${length} bytes do not fit into one array.`;
    throw new CheckpointError({ code: 'CHECKPOINT_SIZE', message, fix: 'Split the tensors over several files.', cause });
  }
}
