import { CheckpointError } from '../checkpoint-error.js';

/** How much memory reading may take beside the file itself. */
export interface ReadBudget {
  /** Counts bytes before they are allocated. Throws {@link CheckpointError} `CHECKPOINT_SIZE` where all together are too many. */
  take(bytes: number): void;
}

export interface ReadLimits {
  /** The most bytes that unpacking, copying, widening and a pickle's objects may take, all together; default 16 times the file, and at least 256 MiB. */
  readonly maxBytes?: number;
}

/** What may be allocated for a file of `fileLength` bytes: whatever it claims, no more than that. */
export function readBudget(fileLength: number, { maxBytes = Math.max(2 ** 28, 16 * fileLength) }: ReadLimits): ReadBudget {
  if (!(maxBytes >= 0))
    throw new CheckpointError({ code: 'CHECKPOINT_SIZE', message: `maxBytes is ${maxBytes}.`, fix: 'Pass a number of bytes.' });
  let taken = 0;
  return {
    take(bytes) {
      taken += bytes;
      if (taken > maxBytes)
        throw new CheckpointError({
          code: 'CHECKPOINT_SIZE',
          message: `A file of ${fileLength} bytes would take ${taken} bytes of memory or more, but maxBytes is ${maxBytes}.`,
          fix: 'If you trust the file, pass a larger maxBytes.',
        });
    },
  };
}
