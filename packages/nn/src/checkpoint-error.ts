import { PolymodalError } from '@polymodal/modality-registry';

/**
 * What reading, writing and checking of weights throws. Codes: `CHECKPOINT_TRUNCATED`, `CHECKPOINT_HEADER`, `CHECKPOINT_NAME`,
 * `CHECKPOINT_DTYPE`, `CHECKPOINT_SHAPE`, `CHECKPOINT_OFFSETS`, `CHECKPOINT_BOOL`, `CHECKPOINT_SIZE`, `CHECKPOINT_MISSING`,
 * `CHECKPOINT_UNEXPECTED`, `CHECKPOINT_NOT_FINITE`, `CHECKPOINT_AXIS`, `CHECKPOINT_FILE`, `CHECKPOINT_WRITE`, `CHECKPOINT_STATE`,
 * `CHECKPOINT_STEP`, `CHECKPOINT_DAMAGED`; of other formats also `CHECKPOINT_FORMAT`, `CHECKPOINT_ARCHIVE`, `CHECKPOINT_PICKLE`,
 * `CHECKPOINT_GLOBAL`.
 */
export class CheckpointError extends PolymodalError {}

/** A tensor's or key's name for a message; names come from outside files, so a long one is cut. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** The first few names for a message, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(quoted).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The same error, with the path in front of its message. */
export function inFile(path: string, error: CheckpointError): CheckpointError {
  const { code, fix, message } = error;
  const bare = fix === undefined ? message : message.slice(0, -fix.length - 1);
  return new CheckpointError({ code, message: `${path}: ${bare}`, ...(fix === undefined ? {} : { fix }), cause: error });
}
