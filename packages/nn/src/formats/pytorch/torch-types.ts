import { CheckpointError, quoted } from '../../checkpoint-error.js';
import type { StoredType } from '../elements.js';

/** By torch's name of the element type. */
const elementTypes: Readonly<Record<string, StoredType>> = {
  float64: 'F64',
  double: 'F64',
  float32: 'F32',
  float: 'F32',
  float16: 'F16',
  half: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  long: 'I64',
  int32: 'I32',
  int: 'I32',
  int16: 'I16',
  short: 'I16',
  int8: 'I8',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  float8_e5m2: 'F8_E5M2',
  float8_e4m3fn: 'F8_E4M3',
  float8_e8m0fnu: 'F8_E8M0',
  bool: 'BOOL',
};

const storages: Readonly<Record<string, string>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'untyped',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
};

/** Element types that are admitted as names, and refused where a tensor has them. */
const unreadable = ['complex32', 'complex64', 'complex128', 'qint8', 'quint8', 'qint32'];

/** The element type of a storage class, by its full name; undefined where it is none. */
export function storageElements(global: string): string | undefined {
  const name = /^torch\.(?:cuda\.|storage\.)?_?(\w+)$/.exec(global)?.[1];
  return name !== undefined && Object.hasOwn(storages, name) ? storages[name] : undefined;
}

/** The element type that a global such as `torch.float32` is; undefined where it is none. */
export function dtypeElements(global: string): string | undefined {
  const name = /^torch\.(\w+)$/.exec(global)?.[1];
  return name !== undefined && (Object.hasOwn(elementTypes, name) || unreadable.includes(name)) ? name : undefined;
}

/** How elements of a torch type are stored. Throws {@link CheckpointError} `CHECKPOINT_DTYPE` for complex and quantised ones. */
export function storedAs(elements: string): StoredType {
  const stored = Object.hasOwn(elementTypes, elements) ? elementTypes[elements] : undefined;
  if (stored !== undefined) return stored;
  throw new CheckpointError({
    code: 'CHECKPOINT_DTYPE',
    message: `A tensor has the dtype ${quoted(elements)}; readable are ${Object.keys(elementTypes).join(', ')}.`,
    fix: 'Convert the tensor in Python: torch.view_as_real() for complex numbers, dequantize() for quantised ones.',
  });
}
