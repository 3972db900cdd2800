/** Element types of a tensor, with the names that ONNX Runtime and transformers.js use. */
export interface DTypeMap {
  float32: Float32Array;
  float64: Float64Array;
  /** IEEE half precision as raw bits: Node 20 has no Float16Array. */
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
}

export type DType = keyof DTypeMap;
export type DataOf<T extends DType> = DTypeMap[T];

/** A class of typed arrays, as far as those of all element types are alike. */
export interface DTypeArray<T extends DType = DType> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): DataOf<T>;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): DataOf<T>;
}

/** What holds the elements of each type. */
export const dtypeArrays: { readonly [T in DType]: DTypeArray<T> } = {
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

/**
 * A dense row-major tensor as a plain object. Its field names are those of ONNX Runtime and transformers.js, so theirs,
 * when on the CPU, can be read as ours.
 */
export interface TensorLike<T extends DType = DType> {
  readonly type: T;
  readonly dims: readonly number[];
  readonly data: DataOf<T>;
}

/** The number of elements that `dims` describe; 1 for a scalar (`[]`). */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}

/** The constructor of a runtime's own tensor class, such as `ort.Tensor`. */
export type TensorConstructor<R> = new (type: never, data: never, dims: readonly number[]) => R;

/**
 * Hands one of our tensors to a runtime that insists on its own class, without copying the data.
 *
 * @example toTensor(ort.Tensor, { type: 'float32', dims: [2], data: new Float32Array(2) })
 */
export function toTensor<R>(Tensor: TensorConstructor<R>, tensor: TensorLike): R {
  return new Tensor(tensor.type as never, tensor.data as never, tensor.dims);
}
