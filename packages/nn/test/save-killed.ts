/**
 * Saves once more to a folder, and kills itself at one moment: before or after an operation on files, or in the middle of a write. Tests build
 * this and run it for every moment there is; where no moment is left, it says so.
 */
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { saves } from './saves.js';

const [, , what = '', folder = '', step = '', moment = ''] = process.argv;
const at = Number(step);

let moments = 0;
function pass(): void {
  if (moments++ === Number(moment)) process.kill(process.pid, 'SIGKILL');
}

type Call = (...given: never[]) => Promise<unknown>;
const files = process.getBuiltinModule('node:fs/promises') as unknown as Record<string, Call>;

/** Lets a kill fall before and after each call. */
function watched<T extends Call>(call: T): T {
  return (async (...given) => {
    pass();
    const result = await call(...given);
    pass();
    return result;
  }) as T;
}

for (const name of ['rename', 'rm', 'mkdir']) files[name] = watched(files[name]!);
const { open } = files as unknown as { open(...given: unknown[]): Promise<FileHandle> };
files.open = watched(async (...given: unknown[]) => {
  const handle = await open(...given);
  const { writeFile, sync } = handle;
  handle.sync = watched(sync.bind(handle));
  handle.writeFile = watched(async (bytes: Uint8Array) => {
    await writeFile.call(handle, bytes.subarray(0, bytes.length >> 1));
    pass();
    await writeFile.call(handle, bytes.subarray(bytes.length >> 1));
  }) as typeof writeFile;
  return handle;
}) as Call;
syncBuiltinESMExports();

await saves[what]!(folder, at);
process.stdout.write('saved');
