import { CheckpointError, quoted } from '../../checkpoint-error.js';
import type { ReadBudget } from '../read-budget.js';
import { createMachine, type PickleHost } from './pickle-machine.js';
import { runPickle } from './pickle-opcodes.js';
import { type Item, PendingTensor, type PickledValue, pickleError, type Storage } from './pickle-value.js';
import { pendingTensors, settle } from './settle.js';
import { elementSize, materialize } from './storages.js';
import { torchHost } from './torch-globals.js';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/** The pickle of the magic number: from protocol 2 on an integer of ten bytes, before that its digits. */
const magicBytes = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const magicDigits = `L${magic}L\n`;

/** Whether bytes begin as the files that torch.save wrote before PyTorch 1.6. */
export function isTorchLegacy(bytes: Uint8Array): boolean {
  const at = bytes[2] === 0x95 ? 11 : 2; // behind a frame's length from protocol 4 on
  if (bytes[0] === 0x80) return magicBytes.every((byte, i) => bytes[at + i] === byte);
  return String.fromCharCode(...bytes.subarray(0, magicDigits.length)) === magicDigits;
}

/** The storages that lie behind the pickles: for each key, its number of elements in 8 bytes, then the elements. */
function readStorages(bytes: Uint8Array, start: number, keys: Item, storages: ReadonlyMap<string, Storage>): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Uint8Array>();
  let at = start;
  if (!Array.isArray(keys)) throw pickleError('The file has no list of its storages.');
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || found.has(storage.key))
      throw pickleError(
        `The file lists a storage that no tensor names, or one twice: ${typeof key === 'string' ? quoted(key) : 'no text'}.`,
      );
    const count = at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : Number.NaN;
    const end = at + 8 + count * elementSize(storage.elements);
    if (!(end <= bytes.length) || count !== storage.count)
      throw new CheckpointError({
        code: 'CHECKPOINT_TRUNCATED',
        message: `The storage ${quoted(storage.key)} of ${storage.count} elements is not whole.`,
        fix: 'The file was cut short; fetch or save it again.',
      });
    found.set(storage.key, bytes.subarray(at + 8, end));
    at = end;
  }
  return found;
}

/** Reads what torch.save wrote before PyTorch 1.6: five pickles in a row, and the storages behind them. */
export function readTorchLegacy(bytes: Uint8Array, budget: ReadBudget): PickledValue {
  const storages = new Map<string, Storage>();
  const host = torchHost(false);
  const recording: PickleHost = {
    ...host,
    load(id) {
      const item = host.load(id);
      if (item instanceof PendingTensor) {
        const known = storages.get(item.storage.key) ?? item.storage;
        if (known.elements !== item.storage.elements || known.count !== item.storage.count)
          throw pickleError(`The storage ${quoted(known.key)} is named with two types or sizes.`);
        storages.set(known.key, known);
      }
      return item;
    },
  };
  let at = 0;
  const next = (): Item => {
    const { value, end } = runPickle(createMachine(bytes, at, recording, budget));
    at = end;
    return value;
  };
  if (next() !== magic || next() !== protocol) throw pickleError('The file does not begin as torch.save writes it.');
  next(); // the writer's byte order and sizes of integers; elements are little-endian whatever it says
  const value = next();
  const keys = next();
  const contents = readStorages(bytes, at, keys, storages);
  const pending = pendingTensors(value);
  const file = { bytes: (key: string) => contents.get(key) ?? new Uint8Array(0), bigEndian: false, budget };
  return settle(value, new Map([...pending].map((tensor) => [tensor, materialize(tensor, file)])));
}
