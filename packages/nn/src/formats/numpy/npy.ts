import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import { CheckpointError } from '../../checkpoint-error.js';
import { allocate } from '../allocate.js';
import { swapBytes } from '../byte-order.js';
import { bytesOf, rawElements, refuseUnsound, storedTypeOf, storedTypes, tensorOf } from '../elements.js';
import { gather, isRowMajor, rowMajorStrides } from '../strided.js';
import { npyKindOf, parseNpyHeader } from './npy-header.js';

/**
 * Reads a .npy file (NumPy, numpy.lib.format, versions 1 to 3) of booleans, integers or floats in either byte order. The tensor is a view
 * into `bytes` where its elements are aligned and lie row by row, else a copy; float16 stays float16.
 *
 * Throws {@link CheckpointError} for damaged files, and for structures, texts, dates, complex numbers and Python objects.
 */
export function parseNpy(bytes: Uint8Array): TensorLike {
  const { stored, bigEndian, fortranOrder, dims, start } = parseNpyHeader(bytes);
  const count = elementCount(dims);
  const { size } = storedTypes[stored];
  const available = bytes.length - start;
  if (count * size !== available)
    throw new CheckpointError({
      code: count * size > available ? 'CHECKPOINT_TRUNCATED' : 'CHECKPOINT_OFFSETS',
      message: `The array's ${count} elements of ${size} bytes need ${count * size} bytes, but the file holds ${available}.`,
      fix: 'The file was cut short or joined with another; fetch or save it again.',
    });
  const swapped = bigEndian && size > 1;
  const raw = swapped ? rawElements(swapBytes(bytes.subarray(start), size), 0, stored, count) : rawElements(bytes, start, stored, count);
  const strides = fortranOrder ? rowMajorStrides([...dims].reverse()).reverse() : rowMajorStrides(dims);
  return tensorOf('array', stored, dims, isRowMajor(dims, strides) ? raw : gather(raw, 0, dims, strides));
}

/** The least length of a header's first axis, so that numpy can enlarge an array in place. */
const growthDigits = 21;

/** Writes a tensor as a .npy file of version 1.0, row by row, little-endian: the bytes that numpy.save writes. */
export function serializeNpy(tensor: TensorLike): Uint8Array {
  refuseUnsound('array', tensor);
  const { dims } = tensor;
  const stored = storedTypeOf(tensor.type);
  const order = storedTypes[stored].size === 1 ? '|' : '<';
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const literal = `{'descr': '${order}${npyKindOf(stored)}', 'fortran_order': False, 'shape': ${shape}, }`;
  const growth = dims.length === 0 ? 0 : growthDigits - String(dims[0]).length;
  const start = Math.ceil((10 + literal.length + growth + 1) / 64) * 64;
  const file = allocate(start + tensor.data.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${literal.padEnd(start - 11)}\n`), 10);
  file.set(bytesOf(tensor), start);
  return file;
}
