import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, quoted } from './checkpoint-error.js';
import { allocate } from './formats/allocate.js';
import { bytesOf, rawElements, refuseUnsound, type StoredType, storedTypeOf, storedTypes, tensorOf } from './formats/elements.js';
import { headerError, isWellFormed, maxHeaderLength, parseHeader, parseHeaderLength, type TensorEntry } from './safetensors-header.js';

export interface Safetensors {
  readonly tensors: Map<string, TensorLike>;
  readonly metadata: Record<string, string>;
}

/** The tensor of an entry, whose bytes begin at `offset`. */
export function tensorAt(bytes: Uint8Array, offset: number, { name, stored, dims, count }: TensorEntry): TensorLike {
  return tensorOf(name, stored, dims, rawElements(bytes, offset, stored, count));
}

/**
 * Reads a safetensors file (huggingface/safetensors). Tensors are views into `bytes` where they are aligned there; bfloat16 and floats of
 * 8 bits are widened to float32. Throws {@link CheckpointError} for whatever the format forbids.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const headerLength = parseHeaderLength(bytes, bytes.length);
  const dataStart = 8 + headerLength;
  const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), bytes.length - dataStart);
  return { tensors: new Map(entries.map((entry) => [entry.name, tensorAt(bytes, dataStart + entry.start, entry)])), metadata };
}

const storedOrder = /* @__PURE__ */ Object.keys(storedTypes) as StoredType[];

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
  refuseUnsound(name, tensor);
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
    bytes.set(bytesOf(tensor), offset);
    offset += tensor.data.byteLength;
  }
  return bytes;
}
