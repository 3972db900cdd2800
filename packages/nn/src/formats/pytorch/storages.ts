import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from '../../checkpoint-error.js';
import { swapBytes } from '../byte-order.js';
import { rawElements, storedTypes, tensorOf, widenedSize } from '../elements.js';
import type { ReadBudget } from '../read-budget.js';
import { gather, isRowMajor, spanOf } from '../strided.js';
import type { PendingTensor } from './pickle-value.js';
import { storedAs } from './torch-types.js';

export interface StorageFile {
  /** The bytes of a storage. */
  readonly bytes: (key: string) => Uint8Array;
  readonly bigEndian: boolean;
  readonly budget: ReadBudget;
}

/** Bytes of one element; 1 for a storage without a type, which is counted in bytes. */
export function elementSize(elements: string): number {
  return elements === 'untyped' ? 1 : storedTypes[storedAs(elements)].size;
}

/** The tensor itself: a view into the file where its elements are aligned and lie row by row, else a copy. */
export function materialize({ storage, elements, offset, dims, strides }: PendingTensor, file: StorageFile): TensorLike {
  const stored = storedAs(elements === 'untyped' ? 'uint8' : elements);
  const { size } = storedTypes[stored];
  const bytes = file.bytes(storage.key);
  const count = dims.reduce((n, dim) => n * dim, 1);
  const start = storage.offset * elementSize(storage.elements) + offset * size;
  const span = count === 0 ? 0 : 1 + spanOf(dims, strides);
  const needed = Math.max(count === 0 ? 0 : start + span * size, storage.count * elementSize(storage.elements));
  if (needed > bytes.length)
    throw new CheckpointError({
      code: 'CHECKPOINT_TRUNCATED',
      message: `The storage ${quoted(storage.key)} has ${bytes.length} bytes, but ${needed} are expected.`,
      fix: 'The file was cut short; fetch or save it again.',
    });
  const name = `storage ${storage.key}`;
  if (count === 0) return tensorOf(name, stored, dims, rawElements(new Uint8Array(0), 0, stored, 0));
  const within = bytes.subarray(start, start + span * size);
  const swapped = file.bigEndian && size > 1;
  const copied = swapped || within.byteOffset % size !== 0;
  if (copied) file.budget.take(span * size);
  const raw = rawElements(swapped ? swapBytes(within, size) : within, 0, stored, span);
  const dense = isRowMajor(dims, strides);
  // Strides may repeat elements: a short storage can make a tensor of any size.
  file.budget.take(widenedSize(stored, count) + (dense ? 0 : count * size));
  return tensorOf(name, stored, dims, dense ? raw : gather(raw, 0, dims, strides));
}
