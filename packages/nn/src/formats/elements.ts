import { type DataOf, type DType, type DTypeArray, dtypeArrays, elementCount, type TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from '../checkpoint-error.js';
import { fromBfloat16 } from '../float16.js';
import { fromFloat8 } from './float8.js';

interface ElementType {
  readonly type: DType;
  readonly size: number;
  /** The type of an element as it lies on disk, where a tensor has another. */
  readonly raw?: DType;
}

/**
 * The element types of files, under safetensors' names, in the order in which its own writer lays tensors out: widest first, so that every
 * tensor is aligned. bfloat16 and the floats of 8 bits exist on disk only, and are widened.
 */
export const storedTypes = {
  U64: { type: 'uint64', size: 8 },
  I64: { type: 'int64', size: 8 },
  F64: { type: 'float64', size: 8 },
  F32: { type: 'float32', size: 4 },
  U32: { type: 'uint32', size: 4 },
  I32: { type: 'int32', size: 4 },
  BF16: { type: 'float32', size: 2, raw: 'uint16' },
  F16: { type: 'float16', size: 2 },
  U16: { type: 'uint16', size: 2 },
  I16: { type: 'int16', size: 2 },
  I8: { type: 'int8', size: 1 },
  U8: { type: 'uint8', size: 1 },
  F8_E5M2: { type: 'float32', size: 1, raw: 'uint8' },
  F8_E4M3: { type: 'float32', size: 1, raw: 'uint8' },
  F8_E8M0: { type: 'float32', size: 1, raw: 'uint8' },
  BOOL: { type: 'bool', size: 1 },
} as const satisfies Record<string, ElementType>;

export type StoredType = keyof typeof storedTypes;

/** Elements as they lie on disk. */
export type RawElements = DataOf<DType>;

/** `count` elements of `bytes` from `offset` on: a view where they are aligned, else a copy. */
export function rawElements(bytes: Uint8Array, offset: number, stored: StoredType, count: number): RawElements {
  const { type, raw = type }: ElementType = storedTypes[stored];
  const Elements = dtypeArrays[raw] as DTypeArray;
  const start = bytes.byteOffset + offset;
  if (start % Elements.BYTES_PER_ELEMENT === 0) return new Elements(bytes.buffer, start, count);
  return new Elements(new Uint8Array(bytes.subarray(offset, offset + count * Elements.BYTES_PER_ELEMENT)).buffer, 0, count);
}

/** Throws {@link CheckpointError} `CHECKPOINT_BOOL` for a byte other than 0 and 1. */
export function refuseOtherBooleans(name: string, data: Uint8Array): void {
  const index = data.findIndex((byte) => byte > 1);
  if (index >= 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_BOOL',
      message: `The boolean tensor ${quoted(name)} holds ${data[index]} at index ${index}.`,
      fix: 'Booleans are stored as bytes 0 and 1; store other numbers as U8.',
    });
}

const isWidened = (stored: StoredType): boolean => 'raw' in storedTypes[stored];

/** The bytes that widening `count` elements takes. */
export function widenedSize(stored: StoredType, count: number): number {
  return isWidened(stored) ? 4 * count : 0;
}

/** A tensor of elements that lie row by row: bfloat16 and floats of 8 bits are widened to float32, booleans are checked. */
export function tensorOf(name: string, stored: StoredType, dims: readonly number[], raw: RawElements): TensorLike {
  if (stored === 'BF16') return { type: 'float32', dims, data: fromBfloat16(raw as Uint16Array) };
  if (stored === 'F8_E5M2' || stored === 'F8_E4M3' || stored === 'F8_E8M0')
    return { type: 'float32', dims, data: fromFloat8(raw as Uint8Array, stored) };
  if (stored === 'BOOL') refuseOtherBooleans(name, raw as Uint8Array);
  return { type: storedTypes[stored].type, dims, data: raw };
}

/** Under which of {@link storedTypes} a tensor is written. */
export function storedTypeOf(type: DType): StoredType {
  const all = Object.keys(storedTypes) as StoredType[];
  return all.find((stored) => !isWidened(stored) && storedTypes[stored].type === type)!;
}

/** Throws {@link CheckpointError} `CHECKPOINT_SHAPE` for dims that do not describe the data, `CHECKPOINT_BOOL` for booleans that are none. */
export function refuseUnsound(name: string, tensor: TensorLike): void {
  const valid = tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (!valid || elementCount(tensor.dims) !== tensor.data.length)
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `${quoted(name)} has ${tensor.data.length} elements, which dims [${tensor.dims.join(', ')}] do not describe.`,
      fix: 'Pass dims whose product is the number of elements.',
    });
  if (tensor.type === 'bool') refuseOtherBooleans(name, tensor.data as Uint8Array);
}

/** The bytes of a tensor's data, without a copy. */
export function bytesOf({ data }: TensorLike): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
