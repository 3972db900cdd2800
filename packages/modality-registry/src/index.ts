export { PolymodalError, type PolymodalErrorOptions, throwIfAborted } from './errors.js';
export type { Audio, Image, Modality, ModalityMap, Video } from './media.js';
export type { CallOptions, Disposable, Progress } from './options.js';
export type {
  AdapterPart,
  ContentPart,
  EmbedderPart,
  EncoderPart,
  GenerateOptions,
  GeneratorEvent,
  GeneratorPart,
  LanguageModelPart,
  Part,
  PartKind,
  ProcessorPart,
  TokenizerPart,
} from './part.js';
export { definePlugin, type Plugin } from './plugin.js';
export type { Embeddings, Space } from './space.js';
export { type DataOf, type DType, type DTypeMap, elementCount, type TensorConstructor, type TensorLike, toTensor } from './tensor.js';
export type { ContinuousTokens, DiscreteTokens, ModelInputs, Tokens } from './tokens.js';
