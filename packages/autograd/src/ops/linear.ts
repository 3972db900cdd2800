import { formatDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import { matmul } from './matmul.js';
import { sumTo } from './reduce.js';
import { reshape } from './shape.js';

const linearOp: Op<undefined> = {
  name: 'linear',
  operands: 'float',
  infer([x, weight, bias]) {
    const [out, width] = weight!.dims;
    if (weight!.dims.length !== 2 || x!.dims.length < 2 || x!.dims.at(-1) !== width)
      throw shapeError(
        'linear',
        `input ${formatDims(x!.dims)} does not fit weight ${formatDims(weight!.dims)}.`,
        "The weight is [out, in]; the input's last axis must be 'in'.",
      );
    if (bias!.dims.length !== 1 || bias!.dims[0] !== out)
      throw shapeError('linear', `bias ${formatDims(bias!.dims)} does not fit weight ${formatDims(weight!.dims)}.`);
    return { type: x!.type, dims: [...x!.dims.slice(0, -1), out!] };
  },
  reference([x, weight, bias]) {
    const [out, width] = weight!.dims as readonly [number, number];
    const rows = x!.data.length / width;
    const data = new Float64Array(rows * out);
    for (let r = 0; r < rows; r++)
      for (let o = 0; o < out; o++) {
        let total = bias!.data[o]!;
        for (let i = 0; i < width; i++) total += x!.data[r * width + i]! * weight!.data[o * width + i]!;
        data[r * out + o] = total;
      }
    return { type: x!.type, dims: [...x!.dims.slice(0, -1), out], data };
  },
  // Gemm adds the bias while the product is in cache; it takes matrices only.
  emit(emitter, [x, weight, bias], _, node) {
    const integers = emitter.integerProduct(x!, weight!, true);
    if (integers !== undefined) return emitter.node('Add', [integers, bias!]);
    const { dims } = node.inputs[0]!;
    const rows = dims.length === 2 ? x! : emitter.node('Reshape', [x!, emitter.int64s([-1, dims.at(-1) as number])]);
    const product = emitter.node('Gemm', [rows, weight!, bias!], { transB: 1 });
    return dims.length === 2 ? product : emitter.node('Reshape', [product, emitter.shape(node.dims)]);
  },
  gradient: (node, g) => {
    const [x, weight, bias] = node.inputs as [Expr, Expr, Expr];
    const rows = reshape(x, [-1, x.dims.at(-1)!]);
    const gRows = reshape(g, [-1, g.dims.at(-1)!]);
    return [matmul(g, weight), matmul(gRows, rows, { transposeA: true }), sumTo(gRows, bias.dims)];
  },
};

/** x · weightᵀ + bias, in PyTorch's layout: x [..., in], weight [out, in], bias [out] → [..., out] */
export function linear(x: Expr, weight: Expr, bias?: Expr): Expr {
  return bias === undefined ? matmul(x, weight, { transposeB: true }) : makeExpr(linearOp, [x, weight, bias], undefined);
}
