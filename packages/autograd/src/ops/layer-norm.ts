import { sameDims } from '../dims.js';
import { shapeError } from '../errors.js';
import { type Expr, makeExpr, type Op, type Reference } from '../expr.js';
import { mul, neg, sub } from './elementwise.js';
import { mean, sumTo } from './reduce.js';
import { expand } from './shape.js';

/** Mean and 1/√(variance + ε) of every row of the last axis. */
function statistics(x: Reference, epsilon: number): { mean: Float64Array; inverse: Float64Array } {
  const width = x.dims.at(-1)!;
  const rows = x.data.length / width;
  const out = { mean: new Float64Array(rows), inverse: new Float64Array(rows) };
  for (let r = 0; r < rows; r++) {
    const row = x.data.subarray(r * width, (r + 1) * width);
    const average = row.reduce((total, value) => total + value, 0) / width;
    const variance = row.reduce((total, value) => total + (value - average) ** 2, 0) / width;
    out.mean[r] = average;
    out.inverse[r] = 1 / Math.sqrt(variance + epsilon);
  }
  return out;
}

const layerNormOp: Op<{ readonly epsilon: number }> = {
  name: 'layerNorm',
  operands: 'float',
  infer([x, scale, bias]) {
    const width = x!.dims.slice(-1);
    if (!sameDims(scale!.dims, width) || !sameDims(bias!.dims, width))
      throw shapeError('layerNorm', `scale [${scale!.dims}] and bias [${bias!.dims}] must be [${width}], the last axis of [${x!.dims}].`);
    return { type: x!.type, dims: x!.dims };
  },
  reference([x, scale, bias], { epsilon }) {
    const width = x!.dims.at(-1)!;
    const { mean: average, inverse } = statistics(x!, epsilon);
    return {
      ...x!,
      data: x!.data.map(
        (value, i) =>
          (value - average[Math.floor(i / width)]!) * inverse[Math.floor(i / width)]! * scale!.data[i % width]! + bias!.data[i % width]!,
      ),
    };
  },
  emit: (emitter, inputs, { epsilon }) => emitter.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }),
  gradient: (node, g) => {
    const [x, scale, bias] = node.inputs as [Expr, Expr, Expr];
    const inverse = statistic('inverse', node);
    const normal = mul(sub(x, statistic('mean', node)), inverse);
    const scaled = mul(g, scale);
    const centred = sub(sub(scaled, mean(scaled, -1, true)), mul(normal, mean(mul(scaled, normal), -1, true)));
    return [mul(centred, inverse), sumTo(mul(g, normal), scale.dims), sumTo(g, bias.dims)];
  },
};

interface StatisticAttributes {
  readonly which: 'mean' | 'inverse';
  readonly epsilon: number;
}

/** A second output of the same ONNX node, so that the backward pass need not compute it again. [..., 1] */
const statisticOp: Op<StatisticAttributes> = {
  name: 'layerNormStatistic',
  infer: ([, x]) => ({ type: x!.type, dims: [...x!.dims.slice(0, -1), 1] }),
  reference: ([, x], { which, epsilon }) => ({ type: x!.type, dims: [...x!.dims.slice(0, -1), 1], data: statistics(x!, epsilon)[which] }),
  emit: (emitter, [y], { which }) => emitter.extraOutput(y!, which === 'mean' ? 1 : 2),
  gradient: (node, g) => {
    const [norm, x] = node.inputs as [Expr<{ readonly epsilon: number }>, Expr];
    const share = mul(g, 1 / (x.dims.at(-1) as number));
    if (node.attributes.which === 'mean') return [undefined, expand(share, x.dims)];
    const cube = mul(node, mul(node, node));
    return [undefined, neg(mul(mul(share, cube), sub(x, statistic('mean', norm))))];
  },
};

function statistic(which: StatisticAttributes['which'], node: Expr<{ readonly epsilon: number }>): Expr {
  return makeExpr(statisticOp, [node, node.inputs[0]!], { which, epsilon: node.attributes.epsilon });
}

/** (x − mean) / √(variance + ε) · scale + bias over the last axis (Ba et al. 2016, arXiv 1607.06450). */
export function layerNorm(x: Expr, scale: Expr, bias: Expr, epsilon = 1e-5): Expr {
  return makeExpr(layerNormOp, [x, scale, bias], { epsilon });
}
