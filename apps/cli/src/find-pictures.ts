import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { walkFiles } from '@polymodal/image-patcher/node';
import { CliError } from './cli-error.js';

/** Formats that are read, and HEIC, whose error says how to convert it. */
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
 * @throws CliError `FOLDER_MISSING`, `PICTURES_NONE`; ImageError `IMAGE_FILE` where the folder itself cannot be read
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
  for await (const path of walkFiles(top, { onError: ({ path: id, error }) => failed.push({ id, error }) }))
    if (EXTENSIONS.has(extname(path).toLowerCase())) files.push(path);
  if (files.length === 0 && failed.length === 0)
    throw new CliError({
      code: 'PICTURES_NONE',
      message: `the folder ${folder} has no pictures, in it or below.`,
      fix: `Pass a folder with files named ${[...EXTENSIONS].slice(0, 5).join(', ')} or the like.`,
    });
  return { files, failed };
}
