import type { Modality, ModalityMap } from './media.js';
import type { CallOptions, Disposable } from './options.js';
import type { Embeddings, Space } from './space.js';
import type { TensorLike } from './tensor.js';
import type { ModelInputs, Tokens } from './tokens.js';

/**
 * What all parts share. Verbs take a batch, return a promise of one, and reject (never throw) with a typed error on bad input and with
 * the signal's reason when aborted. An empty batch gives an empty result: `dims[0]` is 0.
 */
interface PartBase extends Partial<Disposable> {
  /** Tells apart several parts of one kind and modality in one plugin. */
  readonly id?: string;
}

/** Raw ⇄ tokens. */
export interface TokenizerPart<M extends Modality = Modality> extends PartBase {
  readonly kind: 'tokenizer';
  readonly modality: M;
  encode(inputs: readonly ModalityMap[M][], options?: CallOptions): Promise<Tokens>;
  decode?(tokens: Tokens, options?: CallOptions): Promise<ModalityMap[M][]>;
  /** The number of ids, for discrete tokens. */
  readonly vocabularySize?: number;
}

/** Raw → named model inputs. */
export interface ProcessorPart<M extends Modality = Modality> extends PartBase {
  readonly kind: 'processor';
  readonly modality: M;
  process(inputs: readonly ModalityMap[M][], options?: CallOptions): Promise<ModelInputs>;
}

/** Tokens or model inputs → vectors, one per token. [batch, length, width] */
export interface EncoderPart<M extends Modality = Modality> extends PartBase {
  readonly kind: 'encoder';
  readonly modality: M;
  readonly width: number;
  encode(inputs: Tokens | ModelInputs, options?: CallOptions): Promise<TensorLike<'float32'>>;
}

/** Raw → one vector in a named space. */
export interface EmbedderPart<M extends Modality = Modality> extends PartBase {
  readonly kind: 'embedder';
  readonly modality: M;
  readonly space: Space;
  /** Length of each vector. */
  readonly width: number;
  /** True where every vector has length 1, so that a dot product is a cosine. */
  readonly normalized?: boolean;
  embed(inputs: readonly ModalityMap[M][], options?: CallOptions): Promise<Embeddings>;
}

/** Vectors of one width or space → another: [batch, …, from.width] → [batch, …, to.width]. */
export interface AdapterPart extends PartBase {
  readonly kind: 'adapter';
  readonly from: { readonly width: number; readonly space?: Space };
  readonly to: { readonly width: number; readonly space?: Space };
  adapt(vectors: TensorLike<'float32'>, options?: CallOptions): Promise<TensorLike<'float32'>>;
}

/** A piece of a conversation: `{ text }`, `{ image }`, `{ audio }` … */
export type ContentPart = { [M in Modality]: { readonly [K in M]: ModalityMap[M] } }[Modality];

export interface GenerateOptions extends CallOptions {
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly temperature?: number;
}

/** Interleaved parts → a stream of parts. */
export interface LanguageModelPart extends PartBase {
  readonly kind: 'language-model';
  /** Modalities that it reads. */
  readonly from: readonly Modality[];
  /** Modalities that it writes. */
  readonly to: readonly Modality[];
  generate(parts: readonly ContentPart[], options?: GenerateOptions): AsyncIterable<ContentPart>;
}

/** Progress is from 0 to 1 and never falls; then comes what was generated, such as `{ type: 'image', image }`. */
export type GeneratorEvent<M extends Modality = Modality> =
  | { readonly type: 'progress'; readonly progress: number }
  | { [K in M]: { readonly type: K } & { readonly [P in K]: ModalityMap[K] } }[M];

/** A condition → a stream of progress, then raw. */
export interface GeneratorPart<M extends Modality = Modality> extends PartBase {
  readonly kind: 'generator';
  readonly from: readonly Modality[];
  readonly to: M;
  generate(condition: ContentPart, options?: GenerateOptions): AsyncIterable<GeneratorEvent<M>>;
}

/** Every part, for every modality in {@link ModalityMap}: one of them, never a mix. */
export type Part =
  | { [M in Modality]: TokenizerPart<M> | ProcessorPart<M> | EncoderPart<M> | EmbedderPart<M> | GeneratorPart<M> }[Modality]
  | AdapterPart
  | LanguageModelPart;

export type PartKind = Part['kind'];
