import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CheckpointError } from '../checkpoint-error.js';
import type { TrainListener } from '../train.js';
import { makeWeightsFolder } from './write-files.js';

/** More than a line of metrics has. */
const tailLength = 1 << 20;
const lineStart = '{"step":';

/** Cuts off a line that a kill left half written, so that every line stays JSON. Refuses what is no file of metrics. */
async function repair(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, tailLength));
  await file.read(tail, 0, tail.length, size - tail.length);
  const half = tail.subarray(tail.lastIndexOf(0x0a) + 1);
  const start = half.subarray(0, lineStart.length).toString('latin1');
  const head = Buffer.alloc(Math.min(size, lineStart.length));
  await file.read(head, 0, head.length, 0);
  if (!lineStart.startsWith(head.toString('latin1')) || !lineStart.startsWith(start) || half.length === tailLength)
    throw new Error('it holds something else than metrics');
  if (half.length > 0) await file.truncate(size - half.length);
}

/**
 * Appends every event of a run to a file as a line of JSON, `{"step":1,"steps":2000,"loss":2.3,"metrics":{},"time":1767225600000}`. What was
 * told survives a kill. A resumed run tells the steps since its checkpoint again: of two lines with one step, the later holds. Its `event`
 * throws {@link CheckpointError} `CHECKPOINT_WRITE` where the file cannot be written, or holds something else.
 */
export function metricsFile(path: string): TrainListener {
  let file: FileHandle | undefined;
  const begin = async (): Promise<FileHandle> => {
    await makeWeightsFolder(dirname(path));
    const opened = await open(path, 'a+');
    try {
      await repair(opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  };
  return {
    async event(event) {
      try {
        file ??= await begin();
        await file.appendFile(`${JSON.stringify({ ...event, time: Date.now() })}\n`);
      } catch (cause) {
        if (cause instanceof CheckpointError) throw cause;
        throw new CheckpointError({
          code: 'CHECKPOINT_WRITE',
          message: `Metrics could not be written to ${path}: ${(cause as Error).message}.`,
          fix: 'Pass the path of a new file, or of one that an earlier run wrote, on a disk that has room.',
          cause,
        });
      }
    },
    async end() {
      const closing = file;
      file = undefined;
      await closing?.close();
    },
  };
}
