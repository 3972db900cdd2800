import { formatDims } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import { cast } from './cast.js';
import { reshape } from './shape.js';

const gatherOp: Op<undefined> = {
  name: 'gather',
  infer: ([table, indices]) => ({ type: table!.type, dims: [...indices!.dims, ...table!.dims.slice(1)] }),
  reference([table, indices]) {
    const rows = table!.dims[0]!;
    const width = table!.data.length / rows;
    const data = new Float64Array(indices!.data.length * width);
    indices!.data.forEach((index, i) => {
      if (index < 0 || index >= rows)
        throw new AutogradError({
          code: 'AUTOGRAD_INDEX',
          message: `gather: index ${index} is outside a table of ${rows} rows.`,
          fix: 'Check that ids come from the vocabulary of this table.',
        });
      data.set(table!.data.subarray(index * width, (index + 1) * width), i * width);
    });
    return { type: table!.type, dims: [...indices!.dims, ...table!.dims.slice(1)], data };
  },
  emit: (emitter, [table, indices]) => emitter.node('Gather', [table!, indices!], { axis: 0 }),
  gradient: (node, g) => [scatterAdd(node.inputs[1]!, g, node.inputs[0]!.dims as readonly number[]), undefined],
};

/** Rows of `table` by index. [rows, ...] at [...] → [..., ...]; indices are int32 or int64. */
export function gather(table: Expr, indices: Expr): Expr {
  if (indices.type !== 'int64' && indices.type !== 'int32')
    throw new AutogradError({ code: 'AUTOGRAD_TYPE', message: `gather: indices are ${indices.type}.`, fix: 'Cast them to int64.' });
  if (table.dims.length === 0) throw shapeError('gather', 'the table is a scalar.');
  return makeExpr(gatherOp, [table, indices], undefined);
}

const scatterAddOp: Op<{ readonly dims: readonly number[] }> = {
  name: 'scatterAdd',
  infer: ([, updates], { dims }) => ({ type: updates!.type, dims }),
  reference([indices, updates], { dims }) {
    const data = new Float64Array(dims.reduce((n, dim) => n * dim, 1));
    const width = data.length / dims[0]!;
    indices!.data.forEach((index, i) => {
      for (let k = 0; k < width; k++) data[index * width + k]! += updates!.data[i * width + k]!;
    });
    return { type: updates!.type, dims, data };
  },
  emit(emitter, [indices, updates], { dims }) {
    const zero = emitter.node('ConstantOfShape', [emitter.int64s(dims)]);
    const column = emitter.node('Reshape', [indices!, emitter.int64s([-1, 1])]);
    return emitter.node('ScatterND', [zero, column, updates!], { reduction: 'add' });
  },
  gradient: (node, g) => [undefined, reshape(gather(g, node.inputs[0]!), node.inputs[1]!.dims)],
};

/** Adds each row of `updates` to the row of a zero tensor that its index names: the gradient of {@link gather}. */
function scatterAdd(indices: Expr, updates: Expr, dims: readonly number[]): Expr {
  const flat = reshape(cast(indices, 'int64'), [-1]);
  if (typeof flat.dims[0] !== 'number')
    throw shapeError('gather', `the gradient needs indices of known shape, not ${formatDims(indices.dims)}.`);
  return makeExpr(scatterAddOp, [flat, reshape(updates, [flat.dims[0], ...dims.slice(1)])], { dims });
}
