import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

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

/**
 * Writes a file so that at every moment, a kill or a power cut included, the path holds either all of the old bytes or all of the new:
 * a temporary name in the same folder, synced, then renamed.
 *
 * @param beforeRename may throw to leave the old file in place
 * @throws what the file system throws; the temporary file is removed
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, beforeRename?: () => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  await removeAbandoned(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes a folder and those above it. `mkdir` with `recursive` never returns where a parent exists but takes no folders, as /proc (Node 20). */
export async function makeFolder(path: string): Promise<void> {
  const code = (error: unknown) => (error as NodeJS.ErrnoException).code;
  try {
    await mkdir(path);
  } catch (error) {
    if (code(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code(error) !== 'ENOENT' || parent === path || (await fileState(parent)) !== undefined) throw error;
    await makeFolder(parent);
    await mkdir(path).catch((again: unknown) => {
      if (code(again) !== 'EEXIST') throw again;
    });
  }
}

/** Removes the temporary files of processes that were killed while they wrote this file. */
async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes the rename itself durable, where the platform lets a folder be synced (Windows does not). */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
