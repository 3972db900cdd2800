import { type DataOf, type DType, elementCount, type TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from './checkpoint-error.js';
import { fromBfloat16 } from './float16.js';
import {
  headerError,
  isWellFormed,
  maxHeaderLength,
  parseHeader,
  parseHeaderLength,
  type StoredType,
  storedTypes,
  type TensorEntry,
} from './safetensors-header.js';

export interface Safetensors {
  readonly tensors: Map<string, TensorLike>;
  readonly metadata: Record<string, string>;
}

interface ArrayType<T extends DType> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): DataOf<T>;
}

const arrayTypes: { readonly [T in DType]: ArrayType<T> } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** `count` elements of `bytes` from `offset` on: a view where they are aligned, else a copy. */
function elements<T extends DType>(bytes: Uint8Array, offset: number, type: T, count: number): DataOf<T> {
  const Elements: ArrayType<T> = arrayTypes[type];
  const start = bytes.byteOffset + offset;
  if (start % Elements.BYTES_PER_ELEMENT === 0) return new Elements(bytes.buffer, start, count);
  return new Elements(new Uint8Array(bytes.subarray(offset, offset + count * Elements.BYTES_PER_ELEMENT)).buffer, 0, count);
}

function refuseOtherBooleans(name: string, data: Uint8Array): void {
  const index = data.findIndex((byte) => byte > 1);
  if (index >= 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_BOOL',
      message: `The boolean tensor ${quoted(name)} holds ${data[index]} at index ${index}.`,
      fix: 'Booleans are stored as bytes 0 and 1; store other numbers as U8.',
    });
}

function readTensor(bytes: Uint8Array, dataStart: number, { name, stored, dims, count, start }: TensorEntry): TensorLike {
  const offset = dataStart + start;
  if (stored === 'BF16') return { type: 'float32', dims, data: fromBfloat16(elements(bytes, offset, 'uint16', count)) };
  const { type } = storedTypes[stored];
  const data = elements<DType>(bytes, offset, type, count);
  if (stored === 'BOOL') refuseOtherBooleans(name, data as Uint8Array);
  return { type, dims, data };
}

/**
 * Reads a safetensors file (huggingface/safetensors). Tensors are views into `bytes` where they are aligned there; bfloat16 is widened to
 * float32. Throws {@link CheckpointError} for whatever the format forbids.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const headerLength = parseHeaderLength(bytes, bytes.length);
  const dataStart = 8 + headerLength;
  const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), bytes.length - dataStart);
  return { tensors: new Map(entries.map((entry) => [entry.name, readTensor(bytes, dataStart, entry)])), metadata };
}

const storedOrder = Object.keys(storedTypes) as StoredType[];

function storedTypeOf(type: DType): StoredType {
  return storedOrder.find((stored) => stored !== 'BF16' && storedTypes[stored].type === type)!;
}

/** Order of UTF-8 bytes, in which surrogate pairs come after all else. */
function compareNames(a: string, b: string): number {
  const weight = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = weight(a.charCodeAt(i)) - weight(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function refuseUnwritable(name: string, tensor: TensorLike): void {
  if (name === '__metadata__' || !isWellFormed(name))
    throw new CheckpointError({
      code: 'CHECKPOINT_NAME',
      message: `A tensor cannot be named ${quoted(name)} in a safetensors file.`,
      fix: 'Choose another name: "__metadata__" is taken, and lone surrogates have no UTF-8.',
    });
  const valid = tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (!valid || elementCount(tensor.dims) !== tensor.data.length)
    throw new CheckpointError({
      code: 'CHECKPOINT_SHAPE',
      message: `${quoted(name)} has ${tensor.data.length} elements, which dims [${tensor.dims.join(', ')}] do not describe.`,
      fix: 'Pass dims whose product is the number of elements.',
    });
  if (tensor.type === 'bool') refuseOtherBooleans(name, tensor.data as Uint8Array);
}

function headerBytes(entries: readonly string[]): Uint8Array {
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const header = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  header.set(json);
  if (header.length > maxHeaderLength)
    throw headerError(
      `The header would take ${header.length} bytes; the format allows ${maxHeaderLength}.`,
      'Write fewer tensors per file.',
    );
  return header;
}

function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    const message = `A file of ${length} bytes does not fit into one array.`;
    throw new CheckpointError({ code: 'CHECKPOINT_SIZE', message, fix: 'Split the tensors over several files.', cause });
  }
}

/**
 * Writes tensors as one safetensors file. The same tensors give the same bytes in whatever order they come, and those that the format's own
 * writer gives: widest elements first, then by name, the header padded with spaces to 8 bytes; metadata are sorted by key.
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, TensorLike>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].map(([name, tensor]) => ({ name, tensor, stored: storedTypeOf(tensor.type) }));
  sorted.sort((a, b) => storedOrder.indexOf(a.stored) - storedOrder.indexOf(b.stored) || compareNames(a.name, b.name));
  const texts = Object.entries(metadata).sort(([a], [b]) => compareNames(a, b));
  for (const text of texts.flat())
    if (!isWellFormed(text)) throw headerError(`The metadata ${quoted(text)} are not Unicode.`, 'Escape them.');
  const entries =
    texts.length === 0 ? [] : [`"__metadata__":{${texts.map((pair) => pair.map((text) => JSON.stringify(text)).join(':')).join(',')}}`];
  let end = 0;
  for (const { name, tensor, stored } of sorted) {
    refuseUnwritable(name, tensor);
    const start = end;
    end += tensor.data.byteLength;
    entries.push(`${JSON.stringify(name)}:{"dtype":"${stored}","shape":[${tensor.dims.join(',')}],"data_offsets":[${start},${end}]}`);
  }
  const header = headerBytes(entries);
  const bytes = allocate(8 + header.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let offset = 8 + header.length;
  for (const { tensor } of sorted) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return bytes;
}
