import { type DType, dtypeArrays, elementCount, type TensorLike } from '../index.js';
import { check, fail, show, tag } from './assert.js';

/** Fails unless `value` is an object with type, dims and data; what they hold is for the checks of shapes and dtypes. */
export function readTensor(name: string, value: unknown): TensorLike {
  const tensor = value as TensorLike | undefined;
  check(typeof tensor === 'object' && tensor !== null && Array.isArray(tensor.dims) && ArrayBuffer.isView(tensor.data), () => {
    return `${name} is ${show(value)}, but a tensor is { type, dims, data }.`;
  });
  return tensor;
}

export function checkShape(name: string, tensor: TensorLike, expected?: readonly (number | undefined)[]): void {
  const { dims, data } = tensor;
  const shown = `[${dims.join(', ')}]`;
  check(
    dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0),
    () => `${name}.dims is ${shown}, but dims are integers from 0.`,
  );
  check(
    data.length === elementCount(dims),
    () => `${name}.data has ${data.length} elements, but dims ${shown} need ${elementCount(dims)}.`,
  );
  if (expected === undefined) return;
  const fits = dims.length === expected.length && expected.every((dim, axis) => dim === undefined || dim === dims[axis]);
  check(fits, () => `${name}.dims is ${shown}, but [${expected.map((dim) => dim ?? 'any').join(', ')}] was expected.`);
}

export function checkDType(name: string, tensor: TensorLike, allowed?: readonly DType[]): void {
  const { type, data } = tensor;
  check(
    Object.hasOwn(dtypeArrays, type),
    () => `${name}.type is ${show(type)}, which is no dtype; there are ${Object.keys(dtypeArrays).join(', ')}.`,
  );
  check(
    tag(data) === dtypeArrays[type].name,
    () => `${name}.data is a ${tag(data)}, but type '${type}' goes with ${dtypeArrays[type].name}.`,
  );
  if (allowed !== undefined) check(allowed.includes(type), () => `${name}.type is '${type}', but ${allowed.join(' or ')} was expected.`);
}

export function checkFinite(name: string, { type, data }: TensorLike): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    // Half precision is raw bits: all exponent bits set means infinite or NaN.
    const finite = type === 'float16' ? (Number(value) & 0x7c00) !== 0x7c00 : typeof value === 'bigint' || Number.isFinite(value);
    if (!finite)
      fail(
        `${name}.data[${i}] is ${type === 'float16' ? `the half-precision bits 0x${value.toString(16)}` : value}, but values are finite.`,
      );
  }
}

/** Item `index` along the first axis. [batch, …] → […] */
export function itemOf(tensor: TensorLike, index: number): TensorLike {
  const dims = tensor.dims.slice(1);
  const stride = elementCount(dims);
  return { type: tensor.type, dims, data: tensor.data.slice(index * stride, (index + 1) * stride) };
}

/** The given rows, one below another. [batch, …] → [indices.length, …] */
export function rowsOf<T extends DType>(tensor: TensorLike<T>, indices: readonly number[]): TensorLike<T> {
  const rows = indices.map((index) => itemOf({ ...tensor, dims: [tensor.dims[0]!, 1, ...tensor.dims.slice(1)] }, index));
  const none = { type: tensor.type, dims: [0, ...tensor.dims.slice(1)], data: tensor.data.slice(0, 0) };
  return (rows.length === 0 ? none : concatenate(rows)) as TensorLike<T>;
}

/** Tensors one below another along the first axis. */
export function concatenate(tensors: readonly TensorLike[]): TensorLike {
  const values = tensors.flatMap(({ data }) => Array.from<number | bigint>(data));
  const { type, dims } = tensors[0]!;
  const Data = tensors[0]!.data.constructor as new (values: readonly (number | bigint)[]) => TensorLike['data'];
  return { type, dims: [tensors.reduce((rows, tensor) => rows + tensor.dims[0]!, 0), ...dims.slice(1)], data: new Data(values) };
}
