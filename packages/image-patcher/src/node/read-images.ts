import { fileURLToPath } from 'node:url';
import type { CallOptions, Image } from '@polymodal/modality-registry';
import { ImageError, shown } from '../errors.js';
import { checkNodeOptions, type DecodeOptions, decodeImage } from './decode.js';
import { type FileFailure, type WalkOptions, walkFiles } from './walk-files.js';

export interface ReadImagesOptions extends DecodeOptions, WalkOptions, CallOptions {
  /** Pictures that are decoded ahead of the one given, and so held beside it; from 1 on. Default 4. */
  readonly readAhead?: number;
  /** Called for each picture, and each folder below, that cannot be read, and the stream goes on; without it, it ends with that error. */
  readonly onError?: (failure: FileFailure) => void;
  /** Called for each file that is no picture by its content, which is left out. */
  readonly onSkip?: (path: string) => void;
}

export interface ReadImage {
  readonly path: string;
  readonly image: Image;
}

/**
 * The pictures of a folder and of those below it, decoded one after another in the order of their paths: a few at a time, however many there
 * are. What a file is, its content decides and not its name. `onProgress` counts the files that are done with. Needs the optional peer sharp.
 *
 * @throws ImageError `IMAGE_FILE` where the folder cannot be read, `IMAGE_READ_AHEAD`, `IMAGE_OPTIONS`; those of {@link decodeImage}, with the path, where there
 *   is no `onError`; the signal's reason once it is aborted.
 */
export async function* readImages(folder: string | URL, options: ReadImagesOptions = {}): AsyncGenerator<ReadImage, void, undefined> {
  // Options that mean nothing are no picture's fault.
  checkNodeOptions(options);
  const { readAhead = 4, signal, onProgress, onError, onSkip } = options;
  if (!Number.isSafeInteger(readAhead) || readAhead < 1) {
    throw new ImageError({ code: 'IMAGE_READ_AHEAD', message: `readAhead is ${shown(readAhead)}, but a positive integer was expected.` });
  }
  const files = walkFiles(folder instanceof URL ? fileURLToPath(folder) : folder, options);
  const pending: Promise<Outcome>[] = [];
  let done = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      while (pending.length < readAhead) {
        const { value: path } = await files.next();
        if (path === undefined) break;
        pending.push(outcomeOf(path, options));
      }
      const outcome = await pending.shift();
      if (!outcome) return;
      signal?.throwIfAborted();
      const { path, image, error } = outcome;
      if (image) yield { path, image };
      else if (hasCode(error, 'IMAGE_UNKNOWN_FORMAT', 'IMAGE_EMPTY')) onSkip?.(path);
      else if (onError && !hasCode(error, 'IMAGE_SHARP_MISSING')) onError({ path, error });
      else throw named(error, path);
      onProgress?.({ done: ++done, stage: 'reading' });
    }
  } finally {
    // Nothing goes on behind the back of whoever left the loop.
    await Promise.all(pending);
  }
}

type Outcome = (ReadImage & { readonly error?: undefined }) | (FileFailure & { readonly image?: undefined });

/** Never rejects, so that a failure waits for its turn. */
async function outcomeOf(path: string, options: DecodeOptions): Promise<Outcome> {
  try {
    return { path, image: await decodeImage(path, options) };
  } catch (error) {
    return { path, error };
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ImageError && codes.includes(error.code);
}

/** A decoder sees bytes; the user wants to know which file. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof ImageError) || error.message.includes(path)) return error;
  return new ImageError({ code: error.code, message: `${path}: ${error.message}`, cause: error });
}
