export { gelu, geluTanh, glu, logSigmoid, mish, quickGelu, silu, softplus } from './activations.js';
export { type AttentionOptions, attention, causalMask } from './attention.js';
export { type BatchStatistics, batchNorm, batchStatistics, type MeasuredStatistics, updateStatistics } from './batch-norm.js';
export { cast, stopGradient, straightThrough, withGradient } from './cast.js';
export { clamp } from './clamp.js';
export { type ConvolutionTransposeOptions, convolution, convolutionTranspose } from './convolution.js';
export type { ConvolutionOptions } from './convolution-geometry.js';
export { type CumulativeSumOptions, cumulativeSum } from './cumulative-sum.js';
export { type DropoutOptions, dropout } from './dropout.js';
export { einsum } from './einsum.js';
export {
  abs,
  add,
  and,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  notEqual,
  type Operand,
  or,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sin,
  sqrt,
  sub,
  tanh,
  where,
} from './elementwise.js';
export { flip } from './flip.js';
export { gather, scatterAdd } from './gather.js';
export { groupNorm } from './group-norm.js';
export { layerNorm } from './layer-norm.js';
export { constant, input, parameter, range } from './leaf.js';
export { linear } from './linear.js';
export { logSumExp } from './log-sum-exp.js';
export { binaryCrossEntropy, type CrossEntropyOptions, crossEntropy, l2Normalize, meanSquaredError, oneHot, smoothL1 } from './loss.js';
export { type MatmulOptions, matmul } from './matmul.js';
export { type PadMode, type PadOptions, pad } from './padding.js';
export { type AveragePoolOptions, averagePool, maxPool, type PoolingOptions } from './pooling.js';
export { pow } from './power.js';
export { product } from './product.js';
export { randomGumbel, randomNormal } from './random-distributions.js';
export { type RandomOptions, randomUniform } from './random-uniform.js';
export { elu, leakyRelu } from './rectifiers.js';
export { argmax, argmin, max, mean, min, sum } from './reduce.js';
export { type RelativeBucketOptions, relativeBuckets, relativeShift } from './relative-positions.js';
export { rematerialize } from './rematerialize.js';
export { rmsNorm } from './rms-norm.js';
export { type RotaryOptions, type RotaryTables, rotary, rotaryTables } from './rotary.js';
export { ceil, floor, round } from './rounding.js';
export { expand, expandDims, reshape, transpose } from './shape.js';
export { type ConcatOptions, concat, slice, zeros } from './slice.js';
export { logSoftmax, softmax } from './softmax.js';
export { split, squeeze, stack } from './stack.js';
export { standardDeviation, variance } from './statistics.js';
export { addAlong, takeAlong } from './take-along.js';
export { sort, type TopK, topK } from './top-k.js';
export { type LinearUpsamplingOptions, upsampleLinear, upsampleNearest } from './upsampling.js';
