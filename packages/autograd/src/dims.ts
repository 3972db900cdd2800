import { shapeError } from './errors.js';

/** A dimension: a number, or the name of one that is known only when a graph runs (`'batch'`). */
export type Dim = number | string;
export type Dims = readonly Dim[];

/** `[2, batch, 3]`, for messages. */
export function formatDims(dims: Dims): string {
  return `[${dims.map(String).join(', ')}]`;
}

/** Turns a possibly negative axis into one in [0, rank). */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank)
    throw shapeError(op, `axis ${axis} is outside a tensor of rank ${rank}.`, `Use an axis from ${-rank} to ${rank - 1}.`);
  return normal;
}

/** NumPy's rule: align at the right; a 1 stretches. */
export function broadcastDims(op: string, a: Dims, b: Dims): Dim[] {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw shapeError(
        op,
        `${formatDims(a)} and ${formatDims(b)} do not broadcast.`,
        'Align them from the right: each pair of dimensions must be equal or contain a 1.',
      );
    out.push(x === 1 ? y : x);
  }
  return out;
}

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The product of static dimensions; names are an error, since their size is not known while building. */
export function staticCount(op: string, dims: Dims): number {
  let count = 1;
  for (const dim of dims) {
    if (typeof dim === 'string')
      throw shapeError(op, `the size of ${formatDims(dims)} is not known before the graph runs.`, `Give dimension '${dim}' a number.`);
    count *= dim;
  }
  return count;
}

/** Row-major strides, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let step = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i]!;
  }
  return strides;
}
