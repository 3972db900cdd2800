import { broadcastDims, type Dims, formatDims, stridesOf } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference } from '../expr.js';
import { sumTo } from './reduce.js';
import { reshape, transposeReference } from './shape.js';

export interface MatmulOptions {
  /** Read the first operand as [..., k, n]. */
  readonly transposeA?: boolean;
  /** Read the second operand as [..., m, k]. */
  readonly transposeB?: boolean;
}

type MatmulAttributes = Required<MatmulOptions>;

function swapped<D>(dims: readonly D[], swap: boolean): readonly D[] {
  return swap ? [...dims.slice(0, -2), dims.at(-1)!, dims.at(-2)!] : dims;
}

const swapLast = (rank: number): number[] => [...Array(rank - 2).keys(), rank - 1, rank - 2];

function productReference(a: Reference, b: Reference): Reference {
  const batch = broadcastDims('matmul', a.dims.slice(0, -2), b.dims.slice(0, -2)) as number[];
  const [rows, inner, columns] = [a.dims.at(-2)!, a.dims.at(-1)!, b.dims.at(-1)!];
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
    const [atA, atB, at] = [offset(a.dims, n), offset(b.dims, n), n * rows * columns];
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inner; k++) {
        const left = a.data[atA + i * inner + k]!;
        for (let j = 0; j < columns; j++) data[at + i * columns + j]! += left * b.data[atB + k * columns + j]!;
      }
  }
  return { type: a.type, dims: [...batch, rows, columns], data };
}

const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  operands: 'float',
  infer([a, b], { transposeA, transposeB }) {
    if (a!.dims.length < 2 || b!.dims.length < 2)
      throw shapeError(
        'matmul',
        `operands are ${formatDims(a!.dims)} and ${formatDims(b!.dims)}.`,
        'Both need at least two axes; add one with expandDims.',
      );
    const [left, right]: [Dims, Dims] = [swapped(a!.dims, transposeA), swapped(b!.dims, transposeB)];
    if (left.at(-1) !== right.at(-2))
      throw shapeError(
        'matmul',
        `${formatDims(left)} · ${formatDims(right)}: the inner dimensions differ.`,
        "The first's last must equal the second's last but one.",
      );
    return { type: a!.type, dims: [...broadcastDims('matmul', left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!] };
  },
  reference([a, b], { transposeA, transposeB }) {
    const orient = (x: Reference, swap: boolean) => (swap ? transposeReference(x, swapLast(x.dims.length)) : x);
    return productReference(orient(a!, transposeA), orient(b!, transposeB));
  },
  // ONNX Runtime fuses these transpositions into the product.
  emit(emitter, inputs, { transposeA, transposeB }, node) {
    const integers = transposeA ? undefined : emitter.integerProduct(inputs[0]!, inputs[1]!, transposeB);
    if (integers !== undefined) return integers;
    const orient = (i: number, swap: boolean) =>
      swap ? emitter.node('Transpose', [inputs[i]!], { perm: swapLast(node.inputs[i]!.dims.length) }) : inputs[i]!;
    return emitter.node('MatMul', [orient(0, transposeA), orient(1, transposeB)]);
  },
  gradient: (node, g) => {
    const [a, b] = node.inputs as [Expr, Expr];
    const { transposeA, transposeB } = node.attributes;
    const ga = transposeA ? matmul(b, g, { transposeA: transposeB, transposeB: true }) : matmul(g, b, { transposeB: !transposeB });
    const gb = transposeB ? matmul(g, a, { transposeA: true, transposeB: transposeA }) : matmul(a, g, { transposeA: !transposeA });
    const isOneMatrix =
      b.dims.length === 2 && a.dims.length > 2 && !transposeA && [...a.dims, ...g.dims].every((dim) => typeof dim === 'number');
    return [sumTo(ga, a.dims), isOneMatrix ? weightGradient(a, g, transposeB) : sumTo(gb, b.dims)];
  },
};

/** For a batched input times one matrix, a single large product replaces a batch of small ones and their sum. */
function weightGradient(a: Expr, g: Expr, transposed: boolean): Expr {
  const rows = reshape(a, [-1, a.dims.at(-1)!]);
  const gRows = reshape(g, [-1, g.dims.at(-1)!]);
  return transposed ? matmul(gRows, rows, { transposeA: true }) : matmul(rows, gRows, { transposeA: true });
}

/** Matrix product over the last two axes; leading axes broadcast. [..., n, k] · [..., k, m] → [..., n, m] */
export function matmul(a: Expr, b: Expr, { transposeA = false, transposeB = false }: MatmulOptions = {}): Expr {
  return makeExpr(matmulOp, [a, b], { transposeA, transposeB });
}
