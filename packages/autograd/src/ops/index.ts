export { gelu, geluTanh, quickGelu, silu } from './activations.js';
export { cast, stopGradient, withGradient } from './cast.js';
export { type ConvolutionTransposeOptions, convolution, convolutionTranspose } from './convolution.js';
export type { ConvolutionOptions } from './convolution-geometry.js';
export {
  abs,
  add,
  and,
  cos,
  div,
  equal,
  erf,
  exp,
  less,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
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
export { gather } from './gather.js';
export { layerNorm } from './layer-norm.js';
export { constant, input, parameter, range } from './leaf.js';
export { linear } from './linear.js';
export { crossEntropy, l2Normalize, meanSquaredError, oneHot } from './loss.js';
export { type MatmulOptions, matmul } from './matmul.js';
export { type BatchStatistics, batchNorm, batchStatistics, groupNorm, rmsNorm } from './normalization.js';
export { argmax, max, mean, sum } from './reduce.js';
export { expand, expandDims, reshape, transpose } from './shape.js';
export { concat, pad, slice, zeros } from './slice.js';
export { logSoftmax, softmax } from './softmax.js';
