export {
  type AttentionOptions,
  type MultiHeadAttentionOptions,
  maskScores,
  mergeHeads,
  multiHeadAttention,
  selfAttention,
  splitHeads,
} from './attention.js';
export { type BatchNormOptions, batchNorm } from './batch-norm.js';
export { checkWeights, compareWeights, type MisshapenTensor, type WeightsReport } from './check-weights.js';
export { CheckpointError } from './checkpoint-error.js';
export { type ConvolutionLayerOptions, convolution, groupNorm } from './convolution.js';
export { type DataLoader, type DataLoaderOptions, dataLoader, type LoaderOptions } from './data-loader.js';
export { type CollateOptions, type Dataset, stack, tensorDataset } from './dataset.js';
export { dropout } from './dropout.js';
export { TrainingError } from './errors.js';
export type { EvaluationOptions, EvaluationProgress } from './evaluation.js';
export type { Evaluator } from './evaluator.js';
export { type ExportOptions, type ExternalExportOptions, exportOnnx } from './export-onnx.js';
export { fromBfloat16, fromFloat16, toFloat16 } from './float16.js';
export { parseNpy, serializeNpy } from './formats/numpy/npy.js';
export { type NpzOptions, parseNpz, serializeNpz } from './formats/numpy/npz.js';
export { type CheckpointContent, type CheckpointFormat, parseCheckpoint } from './formats/parse-checkpoint.js';
export type { PyTorchPath } from './formats/pytorch/flatten.js';
export type { PickledDict, PickledGlobal, PickledList, PickledSet, PickledValue } from './formats/pytorch/pickle-value.js';
export { type PyTorchFile, type PyTorchOptions, parsePyTorch } from './formats/pytorch/pytorch.js';
export type { ReadLimits } from './formats/read-budget.js';
export { parseShardIndex } from './formats/shard-index.js';
export { type Beam, type BeamSearchOptions, beamSearch } from './generation/beam-search.js';
export { type CachedModelOptions, cachedModel } from './generation/cached-model.js';
export type { CausalModel, CausalOutput, Prompt, PromptPart } from './generation/causal-model.js';
export { type ConditionalModel, conditionalModel } from './generation/conditional-model.js';
export { GenerationError } from './generation/errors.js';
export { type FinishReason, type Generated, type GeneratedToken, generate, generateBatch } from './generation/generate.js';
export {
  generateText,
  generateTexts,
  type TextGenerationOptions,
  type TextPart,
  type TextTokenizer,
} from './generation/generate-text.js';
export { type LogitsProcessor, suppress } from './generation/logits.js';
export type { GenerationOptions, SamplingOptions } from './generation/options.js';
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
  rmsNorm,
  sequential,
  silu,
} from './layers.js';
export { asFloat32, type LoadedWeights, type LoadWeightsOptions, loadWeights } from './load-weights.js';
export {
  type Adapt,
  type LinearLayer,
  type LoraAdapterOptions,
  type LoraOptions,
  lora,
  loraAdapter,
  mergeLora,
  unmergeLora,
} from './lora.js';
export {
  type AutoencoderKl,
  type AutoencoderKlConfig,
  autoencoderKl,
  type LatentDistribution,
  stableDiffusionAutoencoder,
} from './models/autoencoder-kl.js';
export type { CausalDecoder, Decoded, DecodeInputs, DecoderShape, EncoderDecoder, KeyValues, Memory } from './models/decoder.js';
export { type Gpt2Config, gpt2, gpt2Configs } from './models/gpt2.js';
export { type LlamaConfig, llama } from './models/llama.js';
export { llamaConfigs } from './models/llama-configs.js';
export { type DownsampleOptions, downsampleBlock, type UpsampleOptions, upsampleBlock } from './models/resampling.js';
export { type ResidualBlockOptions, residualBlock } from './models/residual-block.js';
export {
  basicBlock,
  bottleneckBlock,
  type Resnet,
  type ResnetBlockOptions,
  type ResnetConfig,
  resnet,
  resnetConfigs,
} from './models/resnet.js';
export type { RotaryScaling } from './models/rotary-frequencies.js';
export { type SpatialAttentionOptions, spatialAttention } from './models/spatial-attention.js';
export { type SpatialTransformerOptions, spatialTransformer } from './models/spatial-transformer.js';
export { type T5, type T5Config, t5 } from './models/t5.js';
export { t5Configs } from './models/t5-configs.js';
export { type SinusoidOptions, sinusoids, timeEmbedding } from './models/time-embedding.js';
export type { TransformerOptions } from './models/transformer-layer.js';
export {
  type TransformerDecoderOptions,
  type TransformerEncoderDecoder,
  type TransformerEncoderDecoderOptions,
  transformerDecoder,
  transformerEncoder,
  transformerEncoderDecoder,
} from './models/transformer-stacks.js';
export { type UnetConditions, unet } from './models/unet.js';
export { type UnetConfig, unetConfigs } from './models/unet-config.js';
export { type Vit, type VitConfig, vit, vitConfigs } from './models/vit.js';
export { type Whisper, type WhisperConfig, whisper } from './models/whisper.js';
export { whisperConfigs } from './models/whisper-configs.js';
export {
  type FileNames,
  type Layer,
  layer,
  type Module,
  type ModuleTree,
  namedParameters,
  parameterCount,
  type Weights,
} from './module.js';
export { clipNames } from './names/clip-names.js';
export { diffusersNames } from './names/diffusers-names.js';
export { invertNames, type NameRule, type NameTable, type RenameOptions, renameWeights } from './names/rename-weights.js';
export { vitNames } from './names/vit-names.js';
export { whisperNames } from './names/whisper-names.js';
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
export { serveDataset } from './serve-dataset.js';
export { freeze, hashParameters, type SummaryOptions, summary } from './summary.js';
export {
  type CheckpointStore,
  type SavedRun,
  type TrainEvent,
  type TrainListener,
  type TrainOptions,
  type TrainRun,
  train,
} from './train.js';
export { inference, rematerialize } from './training-scope.js';
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
export { type PerceiverBlockOptions, perceiverBlock, type TransformerBlockOptions, transformerBlock } from './transformer.js';
export { type DatasetWorker, type WorkerDataset, type WorkerDatasetOptions, workerDataset } from './worker-dataset.js';
