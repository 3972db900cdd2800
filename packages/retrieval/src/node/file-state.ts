import { stat } from 'node:fs/promises';

/** Tells one state of a file from another; undefined where there is no file. */
export type FileState = { readonly inode: number; readonly size: number; readonly modified: number } | undefined;

export async function fileState(path: string): Promise<FileState> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return { inode: ino, size, modified: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function sameState(a: FileState, b: FileState): boolean {
  return a?.inode === b?.inode && a?.size === b?.size && a?.modified === b?.modified;
}
