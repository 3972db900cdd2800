import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, TokenizerError } from '../errors.js';
import type { ParseLimits } from '../json/parse-json.js';

/** The files of a model's folder, read when they are asked for. */
export interface Folder {
  readonly path: string;
  readonly names: ReadonlySet<string>;
  has(name: string): boolean;
  /** The first of these files that there is. */
  find(...names: readonly string[]): string | undefined;
  /** Undefined where there is no such file. Throws TOKENIZER_FILE when it cannot be read or is too large. */
  read(name: string): Promise<Buffer | undefined>;
}

/** Lists a folder. Throws TOKENIZER_FILE when there is none. */
export async function openFolder(path: string, { maximumBytes = 2 ** 28 }: ParseLimits = {}): Promise<Folder> {
  let names: ReadonlySet<string>;
  try {
    names = new Set(await readdir(path));
  } catch (cause) {
    throw unreadable(path, cause, 'Give the folder that holds the tokenizer files.');
  }
  return {
    path,
    names,
    has: (name) => names.has(name),
    find: (...wanted) => wanted.find((name) => names.has(name)),
    async read(name) {
      if (!names.has(name)) return undefined;
      const file = join(path, name);
      try {
        const { size } = await stat(file);
        if (size <= maximumBytes) return await readFile(file);
        throw fileError(
          `${file} has ${size} bytes, but at most ${maximumBytes} are read.`,
          'Raise limits.maximumBytes if this file is to be trusted.',
        );
      } catch (cause) {
        throw cause instanceof TokenizerError ? cause : unreadable(file, cause, 'Check its permissions.');
      }
    },
  };
}

function unreadable(path: string, cause: unknown, fix: string): TokenizerError {
  return fileError(`${path} cannot be read (${(cause as Error).message}).`, fix, cause);
}
