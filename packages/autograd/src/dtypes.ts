import type { DataOf, DType } from '@polymodal/modality-registry';
import { formatDims } from './dims.js';
import { AutogradError } from './errors.js';
import type { Expr } from './expr.js';

/** What holds the elements of each type. */
const arrays: { readonly [T in DType]: new (length: number) => DataOf<T> } = {
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

/** Refuses what is no element type. */
export function requireType(op: string, type: string): asserts type is DType {
  if (Object.hasOwn(arrays, type)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: '${type}' is not an element type.`,
    fix: `Use one of ${Object.keys(arrays).join(', ')}.`,
  });
}

/** Refuses data that are not in the array of their type. */
export function requireArray(op: string, type: DType, data: unknown): void {
  // By name: another realm has classes of its own.
  if (Object.prototype.toString.call(data) === `[object ${arrays[type].name}]`) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: the data of ${type} are ${data === null || typeof data !== 'object' ? String(data) : `in a ${data.constructor?.name}`}.`,
    fix: `Give a ${arrays[type].name}.`,
  });
}

const narrow: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];

export const isNarrow = (type: DType): boolean => narrow.includes(type);

/** Numbers as a type of up to 32 bits holds them: modulo its range. Others are left as they are. */
export function wrap(type: DType, data: Float64Array): Float64Array {
  if (!isNarrow(type)) return data;
  const held = new arrays[type as 'int32'](data.length);
  held.set(data);
  return Float64Array.from(held);
}

const floats: readonly DType[] = ['float16', 'float32', 'float64'];

export const isFloat = (type: DType): boolean => floats.includes(type);

/** Refuses operands that are not floating-point numbers, or of several types. */
export function requireFloats(op: string, inputs: readonly Expr[]): void {
  if (inputs.every(({ type }) => isFloat(type) && type === inputs[0]!.type)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: operands are ${inputs.map(({ type, dims }) => `${type} ${formatDims(dims)}`).join(', ')}.`,
    fix: 'It takes floating-point numbers of one type: cast() the others first.',
  });
}
