import type { RawElements } from './elements.js';

/** The strides, in elements, of a tensor that lies row by row. */
export function rowMajorStrides(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis]!;
  }
  return strides;
}

/** Whether elements lie row by row without gaps; the stride of an axis of one element does not matter. */
export function isRowMajor(dims: readonly number[], strides: readonly number[]): boolean {
  const dense = rowMajorStrides(dims);
  return dims.includes(0) || dims.every((dim, axis) => dim === 1 || strides[axis] === dense[axis]);
}

/** The distance, in elements, from the first element to the last. */
export function spanOf(dims: readonly number[], strides: readonly number[]): number {
  return dims.reduce((span, dim, axis) => span + (dim - 1) * strides[axis]!, 0);
}

/** Lays elements out row by row: those at `offset` + Σ index × stride of `source`. The caller has checked that they lie in it. */
export function gather(source: RawElements, offset: number, dims: readonly number[], strides: readonly number[]): RawElements {
  const count = dims.reduce((n, dim) => n * dim, 1);
  const Elements = source.constructor as new (length: number) => RawElements;
  const result = new Elements(count);
  if (count === 0) return result;
  const inner = dims.at(-1) ?? 1;
  const innerStride = strides.at(-1) ?? 0;
  const index = new Array<number>(dims.length).fill(0);
  let from = offset;
  for (let at = 0; at < count; ) {
    for (let i = 0, position = from; i < inner; i++, position += innerStride) result[at++] = source[position]!;
    for (let axis = dims.length - 2; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= dims[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
