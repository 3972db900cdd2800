import { readdir, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { CliError } from './cli-error.js';

/** Formats that are read, and (HEIC, BMP) those whose error says how to convert them. */
const EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.jfif', '.webp', '.gif', '.avif', '.tif', '.tiff', '.svg', '.heic', '.heif', '.bmp']);

export interface Found {
  /** Absolute paths, sorted. */
  readonly files: readonly string[];
  /** Folders that could not be read. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/**
 * The pictures in a folder and below, by file name; hidden folders, `node_modules` and links to folders are left out.
 *
 * @throws CliError `FOLDER_MISSING`, `PICTURES_NONE`
 */
export async function findPictures(folder: string): Promise<Found> {
  const top = resolve(folder);
  const facts = await stat(top).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError({
      code: 'FOLDER_MISSING',
      message: `there is no folder ${folder} (${code}).`,
      fix: 'Pass a folder of pictures.',
      cause,
    });
  });
  if (!facts.isDirectory())
    throw new CliError({ code: 'FOLDER_MISSING', message: `${folder} is not a folder.`, fix: 'Pass the folder that the pictures are in.' });

  const files: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  const pending = [top];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    try {
      for (const entry of await readdir(current, { withFileTypes: true })) {
        const path = join(current, entry.name);
        const isPicture = EXTENSIONS.has(extname(entry.name).toLowerCase());
        if (entry.isDirectory()) {
          if (!entry.name.startsWith('.') && entry.name !== 'node_modules') pending.push(path);
        } else if (isPicture && (entry.isFile() || entry.isSymbolicLink())) files.push(path);
      }
    } catch (error) {
      failed.push({ id: current, error });
    }
  }
  if (files.length === 0 && failed.length === 0)
    throw new CliError({
      code: 'PICTURES_NONE',
      message: `the folder ${folder} has no pictures, in it or below.`,
      fix: `Pass a folder with files named ${[...EXTENSIONS].slice(0, 5).join(', ')} or the like.`,
    });
  // Compared by code unit: the same order on every machine.
  return { files: files.sort(), failed };
}
