import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WriteFileOptions {
  /** Runs when the new file is written and the old one is still in place; may throw to leave it there. */
  readonly beforeRename?: () => Promise<void>;
}

const day = 24 * 3600 * 1000;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // It runs, as another user.
  }
}

/**
 * Whether a temporary file was left by a run that was killed. Its writer is gone; or it carries our own process id but is older than this
 * process, as in a container, where ids repeat; or it is a day old, for writers on other machines that we cannot see.
 */
async function isStale(path: string, pid: number): Promise<boolean> {
  if (!isRunning(pid)) return true;
  const age = Date.now() - (await stat(path)).mtimeMs;
  return age > day || (pid === process.pid && age > process.uptime() * 1000 + 1000);
}

/** Of any file in the folder: a training run saves each step under another name. */
async function removeStale(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const pid = /^\..+\.(\d+)-[0-9a-f]{12}\.polymodal-tmp$/.exec(file)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, file);
    // Another writer may remove the file first; and a leftover must never keep us from saving.
    const stale = await isStale(path, Number(pid)).catch(() => false);
    if (stale) await rm(path, { force: true }).catch(() => {});
  }
}

/** Makes a rename in the folder last through a power cut. Windows cannot open folders, and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAndSync(path: string, bytes: Uint8Array | string): Promise<void> {
  const handle: FileHandle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file, text as UTF-8, whole or not at all, through a power cut too: to a temporary name beside it, synced, renamed, the folder
 * synced. Removes its temporary file on an error, and those that killed runs left in the folder, which must exist.
 *
 * @throws what the file system throws, or `beforeRename`
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string, { beforeRename }: WriteFileOptions = {}): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.polymodal-tmp`);
  await removeStale(folder);
  try {
    await writeAndSync(temporary, bytes);
    await beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}
