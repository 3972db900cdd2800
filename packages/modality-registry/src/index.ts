export type { PartDescription, RegistryDescription, SpaceDescription } from './describe.js';
export { disposable } from './disposable.js';
export { eachInput } from './each.js';
export { PolymodalError, type PolymodalErrorOptions, throwIfAborted } from './errors.js';
export { fingerprint } from './fingerprint.js';
export {
  type AdapterQuery,
  type EmbedderQuery,
  type GeneratorQuery,
  type LanguageModelQuery,
  type PartQuery,
  RegistryError,
} from './lookup.js';
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
export { createRandom, type Random } from './random.js';
export { createRegistry, type Registry } from './registry.js';
export type { Route, RouteQuery, RouteStep } from './route.js';
export { sha256 } from './sha256.js';
export type { Embeddings, Space } from './space.js';
export {
  type DataOf,
  type DType,
  type DTypeArray,
  type DTypeMap,
  dtypeArrays,
  elementCount,
  type TensorConstructor,
  type TensorLike,
  toTensor,
} from './tensor.js';
export type { ContinuousTokens, DiscreteTokens, ModelInputs, Tokens } from './tokens.js';
export { PluginError, validatePlugin } from './validate-plugin.js';
export {
  createVocabulary,
  type ReserveOptions,
  type SharedVocabulary,
  VocabularyError,
  type VocabularyRange,
  type VocabularySegment,
} from './vocabulary.js';
export { type Warning, type WarningListener, warn } from './warning.js';
