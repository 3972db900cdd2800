import { type DType, dtypeArrays } from '@polymodal/modality-registry';
import { formatDims } from './dims.js';
import { AutogradError } from './errors.js';
import type { Expr } from './expr.js';

/** Refuses what is no element type. */
export function requireType(op: string, type: string): asserts type is DType {
  if (Object.hasOwn(dtypeArrays, type)) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: '${type}' is not an element type.`,
    fix: `Use one of ${Object.keys(dtypeArrays).join(', ')}.`,
  });
}

/** Refuses data that are not in the array of their type. */
export function requireArray(op: string, type: DType, data: unknown): void {
  // By name: another realm has classes of its own.
  if (Object.prototype.toString.call(data) === `[object ${dtypeArrays[type].name}]`) return;
  throw new AutogradError({
    code: 'AUTOGRAD_TYPE',
    message: `${op}: the data of ${type} are ${data === null || typeof data !== 'object' ? String(data) : `in a ${data.constructor?.name}`}.`,
    fix: `Give a ${dtypeArrays[type].name}.`,
  });
}

const narrow: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];

export const isNarrow = (type: DType): boolean => narrow.includes(type);

/** Numbers as a type of up to 32 bits holds them: modulo its range. Others are left as they are. */
export function wrap(type: DType, data: Float64Array): Float64Array {
  if (!isNarrow(type)) return data;
  const held = new dtypeArrays[type as 'int32'](data.length);
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
