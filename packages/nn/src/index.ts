export {
  type AttentionOptions,
  causalMask,
  maskedScore,
  mergeHeads,
  multiHeadAttention,
  scaledDotProductAttention,
  selfAttention,
  splitHeads,
} from './attention.js';
export { checkWeights } from './check-weights.js';
export { CheckpointError } from './checkpoint-error.js';
export { TrainingError } from './errors.js';
export { type ExportOptions, exportOnnx } from './export-onnx.js';
export { fromBfloat16, fromFloat16, toFloat16 } from './float16.js';
export { constantValue, fanInUniform, heNormal, initialize, normal, ones, uniform, xavierUniform, zeros } from './initialize.js';
export {
  type ActivationName,
  activations,
  embedding,
  gelu,
  geluTanh,
  type LinearOptions,
  layerNorm,
  linear,
  moduleList,
  quickGelu,
  relu,
  sequential,
  silu,
} from './layers.js';
export { type Layer, layer, type Module, type ModuleTree, namedParameters, parameterCount, type Weights } from './module.js';
export {
  type AdamOptions,
  adam,
  adamW,
  type LionOptions,
  lion,
  type MuonOptions,
  muon,
  type Optimizer,
  type ParameterGroup,
  type Schedule,
  type SgdOptions,
  sgd,
} from './optimizer.js';
export { type QuantizedWeights, type QuantizeOptions, quantizeWeights } from './quantize.js';
export { parseSafetensors, type Safetensors, serializeSafetensors } from './safetensors.js';
export { constantRate, cosine, linearDecay, warmupStableDecay } from './schedule.js';
export { type CheckpointStore, type TrainEvent, type TrainOptions, type TrainRun, train } from './train.js';
export {
  type Batch,
  type BatchExpr,
  type BatchShape,
  compileTrainingStep,
  type Loss,
  type TrainingState,
  type TrainingStep,
  type TrainingStepOptions,
} from './training-step.js';
export { type TransformerBlockOptions, transformerBlock } from './transformer.js';
