import { formatDims, sameDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op } from '../expr.js';
import { add, div, mul, sqrt, sub } from './elementwise.js';
import { emitNumber } from './leaf.js';
import { mean, sumTo } from './reduce.js';

const rmsNormOp: Op<{ readonly epsilon: number }> = {
  name: 'rmsNorm',
  operands: 'float',
  infer([x, scale]) {
    if (x!.dims.length === 0 || !sameDims(scale!.dims, x!.dims.slice(-1)))
      throw shapeError(
        'rmsNorm',
        `scale ${formatDims(scale!.dims)} for an input ${formatDims(x!.dims)}.`,
        'Give one number per element of the last axis.',
      );
    return { type: x!.type, dims: x!.dims };
  },
  reference([x, scale], { epsilon }) {
    const width = x!.dims.at(-1)!;
    const data = new Float64Array(x!.data.length);
    for (let start = 0; start < data.length; start += width) {
      const row = x!.data.subarray(start, start + width);
      const root = Math.sqrt(row.reduce((total, value) => total + value * value, 0) / width + epsilon);
      row.forEach((value, i) => {
        data[start + i] = (value / root) * scale!.data[i]!;
      });
    }
    return { ...x!, data };
  },
  // Written with Pow, as PyTorch's exporter does: runtimes know this chain and fuse it into one operator.
  emit(emitter, [x, scale], { epsilon }, { type }) {
    // ONNX Runtime 1.30 forgets an epsilon of float64 when it does.
    const square = type === 'float64' ? emitter.node('Mul', [x!, x!]) : emitter.node('Pow', [x!, emitNumber(emitter, 2, type)]);
    const power = emitter.node('ReduceMean', [square], { axes: [-1], keepdims: 1 });
    const root = emitter.node('Sqrt', [emitter.node('Add', [power, emitNumber(emitter, epsilon, type)])]);
    return emitter.node('Mul', [emitter.node('Div', [x!, root]), scale!]);
  },
  gradient: (node, g) => {
    const [x, scale] = node.inputs as [Expr, Expr];
    const root = sqrt(add(mean(mul(x, x), -1, true), node.attributes.epsilon));
    const normal = div(x, root);
    const scaled = mul(g, scale);
    return [div(sub(scaled, mul(normal, mean(mul(scaled, normal), -1, true))), root), sumTo(mul(g, normal), scale.dims)];
  },
};

/** x / √(mean(x²) + ε) · scale over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467). */
export function rmsNorm(x: Expr, scale: Expr, epsilon = 1e-6): Expr {
  return makeExpr(rmsNormOp, [x, scale], { epsilon });
}
