import { normalizeAxis } from '../dims.js';
import { type Expr, makeExpr, type Op, type Reference, requireExpr } from '../expr.js';
import { exp, mul, sub } from './elementwise.js';
import { sum } from './reduce.js';
import { transpose } from './shape.js';

/** Applies `f` to every row of the last axis. */
function mapRows(x: Reference, f: (row: Float64Array) => void): Reference {
  const width = x.dims.at(-1)!;
  const data = x.data.slice();
  for (let at = 0; at < data.length; at += width) f(data.subarray(at, at + width));
  return { ...x, data };
}

/** Takes the largest of a row from all of it; the sum of its exponentials then. Both in one number would lose the smaller. */
function shift(row: Float64Array): number {
  const peak = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  for (let i = 0; i < row.length; i++) row[i]! -= peak;
  return row.reduce((total, value) => total + Math.exp(value), 0);
}

const softmaxOp: Op<undefined> = {
  name: 'softmax',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x]) =>
    mapRows(x!, (row) => {
      const total = shift(row);
      for (let i = 0; i < row.length; i++) row[i] = Math.exp(row[i]!) / total;
    }),
  emit: (emitter, [x]) => emitter.node('Softmax', [x!], { axis: -1 }),
  gradient: (node, g) => {
    const weighted = mul(g, node);
    return [sub(weighted, mul(node, sum(weighted, -1, true)))];
  },
};

const logSoftmaxOp: Op<undefined> = {
  name: 'logSoftmax',
  operands: 'float',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x]) =>
    mapRows(x!, (row) => {
      const total = Math.log(shift(row));
      for (let i = 0; i < row.length; i++) row[i]! -= total;
    }),
  emit: (emitter, [x]) => emitter.node('LogSoftmax', [x!], { axis: -1 }),
  gradient: (node, g) => [sub(g, mul(exp(node), sum(g, -1, true)))],
};

/** Both run along the last axis, where ONNX Runtime is fast; another axis is swapped there and back. */
function alongLast(op: Op<undefined>, x: Expr, axis: number): Expr {
  requireExpr(op.name, x);
  const at = normalizeAxis(op.name, axis, x.dims.length);
  const last = x.dims.length - 1;
  if (at === last) return makeExpr(op, [x], undefined);
  const swap = x.dims.map((_, i) => (i === at ? last : i === last ? at : i));
  return transpose(makeExpr(op, [transpose(x, swap)], undefined), swap);
}

/** exp(x) / Σ exp(x) along `axis`, without overflow. */
export function softmax(x: Expr, axis = -1): Expr {
  return alongLast(softmaxOp, x, axis);
}

/** log(softmax(x)) along `axis`, without overflow or loss of small values. */
export function logSoftmax(x: Expr, axis = -1): Expr {
  return alongLast(logSoftmaxOp, x, axis);
}
