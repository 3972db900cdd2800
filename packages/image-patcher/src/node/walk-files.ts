import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { checkOptions, ImageError, shown } from '../errors.js';

/** A file or folder that could not be read, and why. */
export interface FileFailure {
  readonly path: string;
  readonly error: unknown;
}

export interface WalkOptions {
  /** Whether the folders below are walked too: all but hidden ones, `node_modules` and links to folders. Default true. */
  readonly recursive?: boolean;
  /** Called for each folder below that cannot be read; without it the walk ends with that error. */
  readonly onError?: (failure: FileFailure) => void;
}

/**
 * The paths of the files in a folder, sorted by code unit and so the same on every machine; each begins with the folder as given. Only the
 * names of one folder and of those above it are held at a time.
 *
 * @throws ImageError `IMAGE_FILE` where the folder cannot be read.
 */
export async function* walkFiles(folder: string, options: WalkOptions = {}): AsyncGenerator<string, void, undefined> {
  const { recursive = true, onError } = checkOptions(options);
  const pending = [{ folder, entries: await list(folder) }];
  for (let top = pending.at(-1); top; top = pending.at(-1)) {
    const entry = top.entries.pop();
    if (!entry) {
      pending.pop();
      continue;
    }
    const path = join(top.folder, entry.name);
    if (entry.isDirectory()) {
      if (!recursive || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      try {
        pending.push({ folder: path, entries: await list(path) });
      } catch (error) {
        if (!onError) throw error;
        onError({ path, error });
      }
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await mayBeFile(path)))) yield path;
  }
}

/** What a folder holds, the last name first: a folder stands where the paths below it do. */
async function list(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ImageError({
      code: 'IMAGE_FILE',
      message: `the folder ${shown(folder)} cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Check that the path names a folder that may be read.',
      cause,
    });
  });
  const key = (entry: Dirent) => (entry.isDirectory() ? entry.name + sep : entry.name);
  return entries.sort((a, b) => (key(a) < key(b) ? 1 : -1));
}

/** A link that leads nowhere counts, so that whoever reads it can say so. */
async function mayBeFile(path: string): Promise<boolean> {
  const target = await stat(path).catch(() => undefined);
  return target?.isFile() ?? true;
}
