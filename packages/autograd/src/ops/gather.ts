import { type Dim, formatDims, normalizeAxis, sameDims, stridesOf } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, requireExpr } from '../expr.js';
import { cast } from './cast.js';
import { add } from './elementwise.js';
import { emitZeros } from './leaf.js';
import { reshape, transpose } from './shape.js';

interface GatherAttributes {
  readonly axis: number;
}

const gatheredDims = <D extends Dim>(table: readonly D[], indices: readonly D[], axis: number): D[] => [
  ...table.slice(0, axis),
  ...indices,
  ...table.slice(axis + 1),
];

function outside(op: string, index: number, rows: number): AutogradError {
  return new AutogradError({
    code: 'AUTOGRAD_INDEX',
    message: `${op}: index ${index} is outside a table of ${rows} rows.`,
    fix: 'Check that ids come from the vocabulary of this table.',
  });
}

const gatherOp: Op<GatherAttributes> = {
  name: 'gather',
  infer: ([table, indices], { axis }) => ({ type: table!.type, dims: gatheredDims(table!.dims, indices!.dims, axis) }),
  reference([table, indices], { axis }) {
    const rows = table!.dims[axis]!;
    const width = stridesOf(table!.dims)[axis]!;
    const count = indices!.data.length;
    const outer = table!.dims.slice(0, axis).reduce((n, dim) => n * dim, 1);
    const data = new Float64Array(outer * count * width);
    for (let o = 0; o < outer; o++)
      indices!.data.forEach((index, i) => {
        if (index < 0 || index >= rows) throw outside('gather', index, rows);
        const from = (o * rows + index) * width;
        data.set(table!.data.subarray(from, from + width), (o * count + i) * width);
      });
    return { type: table!.type, dims: gatheredDims(table!.dims, indices!.dims, axis), data };
  },
  emit: (emitter, [table, indices], { axis }) => emitter.node('Gather', [table!, indices!], { axis }),
  gradient: (node, g) => {
    const [table, indices] = node.inputs as [Expr, Expr];
    const { axis } = node.attributes;
    if (axis === 0) return [scatterRows(indices, g, table.dims as readonly number[]), undefined];
    // Rows are added along the first axis: the indices' axes come to the front, and go back as one.
    const front = table.dims.map((_, a) => (a === 0 ? axis : a <= axis ? a - 1 : a));
    const back = table.dims.map((_, a) => (a === axis ? 0 : a < axis ? a + 1 : a));
    const before = [...Array(axis).keys()];
    const own = indices.dims.map((_, a) => axis + a);
    const after = g.dims.slice(axis + own.length).map((_, a) => axis + own.length + a);
    const rows = scatterRows(
      indices,
      transpose(g, [...own, ...before, ...after]),
      front.map((a) => table.dims[a] as number),
    );
    return [transpose(rows, back), undefined];
  },
};

/** Elements of `table` along `axis` by index: of rows [rows, ...] at [...], [..., ...]; indices are int32 or int64. */
export function gather(table: Expr, indices: Expr, axis = 0): Expr {
  checkIndices('gather', table, indices);
  if (table.dims.length === 0) throw shapeError('gather', 'the table is a scalar.');
  return makeExpr(gatherOp, [table, indices], { axis: normalizeAxis('gather', axis, table.dims.length) });
}

function checkIndices(op: string, table: Expr, indices: Expr): void {
  requireExpr(op, table, 0);
  requireExpr(op, indices, 1);
  if (indices.type !== 'int64' && indices.type !== 'int32')
    throw new AutogradError({ code: 'AUTOGRAD_TYPE', message: `${op}: indices are ${indices.type}.`, fix: 'Cast them to int64.' });
}

const scatterAddOp: Op<{ readonly dims: readonly number[] }> = {
  name: 'scatterAdd',
  infer: ([, updates], { dims }) => ({ type: updates!.type, dims }),
  reference([indices, updates], { dims }) {
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    const width = data.length / dims[0]!;
    indices!.data.forEach((index, i) => {
      if (index < 0 || index >= dims[0]!) throw outside('scatterAdd', index, dims[0]!);
      for (let k = 0; k < width; k++) data[index * width + k]! += updates!.data[i * width + k]!;
    });
    return { type: updates!.type, dims, data };
  },
  emit(emitter, [indices, updates], { dims }, node) {
    const zero = emitZeros(emitter, dims, node.type);
    const column = emitter.node('Reshape', [indices!, emitter.int64s([-1, 1])]);
    return emitter.node('ScatterND', [zero, column, updates!], { reduction: 'add' });
  },
  gradient: (node, g) => [undefined, reshape(gather(g, node.inputs[0]!), node.inputs[1]!.dims)],
};

/** Adds each row of `updates` to the row of a zero tensor that its index names: the gradient of {@link gather}. */
function scatterRows(indices: Expr, updates: Expr, dims: readonly number[]): Expr {
  const flat = reshape(cast(indices, 'int64'), [-1]);
  if (typeof flat.dims[0] !== 'number')
    throw shapeError('gather', `the gradient needs indices of known shape, not ${formatDims(indices.dims)}.`);
  return makeExpr(scatterAddOp, [flat, reshape(updates, [flat.dims[0], ...dims.slice(1)])], { dims });
}

/** `table` [rows, ...] with each row of `updates` [..., ...] added to the row that its index [...] names; equal indices add up. */
export function scatterAdd(table: Expr, indices: Expr, updates: Expr): Expr {
  checkIndices('scatterAdd', table, indices);
  requireExpr('scatterAdd', updates, 2);
  const width = table.dims.slice(1);
  if (table.dims.some((dim) => typeof dim === 'string') || !sameDims(updates.dims, [...indices.dims, ...width]))
    throw shapeError(
      'scatterAdd',
      `updates ${formatDims(updates.dims)} at ${formatDims(indices.dims)} into ${formatDims(table.dims)}.`,
      'Updates are [...indices, ...row], and the table has a fixed size.',
    );
  return add(table, scatterRows(indices, updates, table.dims as readonly number[]));
}
