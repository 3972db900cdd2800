import { CheckpointError, quoted } from '../../checkpoint-error.js';
import type { ReadBudget } from '../read-budget.js';
import { readZipEntry } from '../zip/read-zip-entry.js';
import { readZipDirectory, type ZipEntry } from '../zip/zip-directory.js';
import { createMachine } from './pickle-machine.js';
import { runPickle } from './pickle-opcodes.js';
import type { PickledValue } from './pickle-value.js';
import { pendingTensors, settle } from './settle.js';
import { materialize } from './storages.js';
import { torchHost } from './torch-globals.js';

/** Where in an archive its pickle lies: in a folder that is named as the file was. */
export function torchRoot(names: Iterable<string>): string | undefined {
  for (const name of names) if (/^([^/]+\/)?data\.pkl$/.test(name)) return name.slice(0, -'data.pkl'.length);
  return undefined;
}

/** Reads the archive that torch.save has written since PyTorch 1.6: a pickle, and its storages beside it. TorchScript archives too. */
export async function readTorchArchive(bytes: Uint8Array, budget: ReadBudget, checksums: boolean): Promise<PickledValue> {
  const entries = new Map(readZipDirectory(bytes).map((entry): [string, ZipEntry] => [entry.name, entry]));
  const root = torchRoot(entries.keys());
  if (root === undefined)
    throw new CheckpointError({
      code: 'CHECKPOINT_FORMAT',
      message: 'The archive holds no data.pkl, so torch.save did not write it.',
      fix: 'Read .npz files with parseNpz, or any file by its content with parseCheckpoint.',
    });
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const entry = entries.get(root + name);
    return entry && readZipEntry(bytes, entry, budget, checksums);
  };
  const pickle = (await read('data.pkl'))!;
  const order = new TextDecoder().decode((await read('byteorder'))?.subarray(0, 16)) || 'little';
  if (order !== 'little' && order !== 'big')
    throw new CheckpointError({
      code: 'CHECKPOINT_ARCHIVE',
      message: `The archive's byte order is ${quoted(order)}, not little or big.`,
      fix: 'The file is damaged; fetch or save it again.',
    });
  const script = entries.has(`${root}constants.pkl`);
  const { value } = runPickle(createMachine(pickle, 0, torchHost(script), budget));
  const pending = pendingTensors(value);
  const storages = new Map<string, Uint8Array>();
  for (const { storage } of pending) {
    if (storages.has(storage.key)) continue;
    const content = await read(`data/${storage.key}`);
    if (content === undefined)
      throw new CheckpointError({
        code: 'CHECKPOINT_TRUNCATED',
        message: `The archive has no storage ${quoted(storage.key)}, which its tensors are in.`,
        fix: 'The file is damaged; fetch or save it again.',
      });
    storages.set(storage.key, content);
  }
  const file = { bytes: (key: string) => storages.get(key)!, bigEndian: order === 'big', budget };
  return settle(value, new Map([...pending].map((tensor) => [tensor, materialize(tensor, file)])));
}
