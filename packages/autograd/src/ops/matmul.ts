import { broadcastDims, formatDims, stridesOf } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import { sumTo } from './reduce.js';
import { reshape, transpose } from './shape.js';

const matmulOp: Op<undefined> = {
  name: 'matmul',
  infer([a, b]) {
    const [rankA, rankB] = [a!.dims.length, b!.dims.length];
    if (rankA < 2 || rankB < 2)
      throw shapeError(
        'matmul',
        `operands are ${formatDims(a!.dims)} and ${formatDims(b!.dims)}.`,
        'Both need at least two axes; add one with expandDims.',
      );
    if (a!.dims[rankA - 1] !== b!.dims[rankB - 2])
      throw shapeError(
        'matmul',
        `${formatDims(a!.dims)} · ${formatDims(b!.dims)}: the inner dimensions differ.`,
        "The first's last must equal the second's last but one.",
      );
    return {
      type: a!.type,
      dims: [...broadcastDims('matmul', a!.dims.slice(0, -2), b!.dims.slice(0, -2)), a!.dims[rankA - 2]!, b!.dims[rankB - 1]!],
    };
  },
  reference([a, b]) {
    const batch = broadcastDims('matmul', a!.dims.slice(0, -2), b!.dims.slice(0, -2)) as number[];
    const [rows, inner, columns] = [a!.dims.at(-2)!, a!.dims.at(-1)!, b!.dims.at(-1)!];
    const batches = batch.reduce((n, dim) => n * dim, 1);
    const strides = stridesOf(batch);
    const offset = (dims: readonly number[], index: number): number => {
      const own = stridesOf(dims);
      const shift = batch.length - (dims.length - 2);
      let at = 0;
      for (let axis = 0, rest = index; axis < batch.length; axis++) {
        const i = Math.floor(rest / strides[axis]!);
        rest %= strides[axis]!;
        if (axis >= shift && dims[axis - shift] !== 1) at += i * own[axis - shift]!;
      }
      return at;
    };
    const data = new Float64Array(batches * rows * columns);
    for (let n = 0; n < batches; n++) {
      const [atA, atB, at] = [offset(a!.dims, n), offset(b!.dims, n), n * rows * columns];
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < inner; k++) {
          const left = a!.data[atA + i * inner + k]!;
          for (let j = 0; j < columns; j++) data[at + i * columns + j]! += left * b!.data[atB + k * columns + j]!;
        }
    }
    return { type: a!.type, dims: [...batch, rows, columns], data };
  },
  emit: (emitter, inputs) => emitter.node('MatMul', inputs),
  gradient: (node, g) => {
    const [a, b] = node.inputs as [Expr, Expr];
    return [sumTo(matmul(g, transpose(b)), a.dims), weightGradient(a, b, g)];
  },
};

/** For a batched input times one matrix, a single large product replaces a batch of small ones and their sum. */
function weightGradient(a: Expr, b: Expr, g: Expr): Expr {
  const isStatic = [...a.dims, ...g.dims].every((dim) => typeof dim === 'number');
  if (b.dims.length !== 2 || a.dims.length === 2 || !isStatic) return sumTo(matmul(transpose(a), g), b.dims);
  return matmul(transpose(reshape(a, [-1, a.dims.at(-1)!])), reshape(g, [-1, g.dims.at(-1)!]));
}

/** Matrix product over the last two axes; leading axes broadcast. [..., n, k] · [..., k, m] → [..., n, m] */
export function matmul(a: Expr, b: Expr): Expr {
  return makeExpr(matmulOp, [a, b], undefined);
}
