export { type ClassifyOptions, type ClipSpace, type ClipSpaceOptions, clipSpace } from './clip-space.js';
export {
  type BagOfTokensConfig,
  type ClipConfig,
  type ConvolutionalConfig,
  parseClipConfig,
  type TextConfig,
  type TextTransformerConfig,
  type VisionConfig,
  type VisionTransformerConfig,
} from './config.js';
export { type DualEncoder, dualEncoder } from './dual-encoder.js';
export { ClipError } from './errors.js';
export { exportTextModel, exportVisionModel, type StoredWeights } from './export-onnx.js';
export { type ContrastiveLossOptions, contrastiveLoss, maxLogitScale } from './loss.js';
export { configFromOpenAI } from './openai-config.js';
export { fromOpenAINames, hasOpenAINames } from './openai-names.js';
export type { Classification } from './zero-shot.js';
