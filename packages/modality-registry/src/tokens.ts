import type { TensorLike } from './tensor.js';

interface TokensCommon {
  /** 1 where there is a token, 0 where there is padding. [batch, length] */
  readonly attentionMask?: TensorLike;
  /** Segment of each token. [batch, length] */
  readonly typeIds?: TensorLike;
  /** Position of each token. [batch, length] */
  readonly positions?: TensorLike;
  /** [time, height, width] where tokens tile a picture, a spectrogram or a clip. */
  readonly grid?: readonly [time: number, height: number, width: number];
  /** Per item, per token: start and end in the raw input (UTF-16 units, samples, …); [0, 0] for special tokens and padding. */
  readonly offsets?: readonly (readonly (readonly [start: number, end: number])[])[];
}

/** Tokens from a vocabulary: `ids` is [batch, length]. */
export interface DiscreteTokens extends TokensCommon {
  readonly ids: TensorLike<'int32' | 'int64'>;
  readonly values?: undefined;
}

/** Tokens that are vectors: `values` is [batch, length, width]. */
export interface ContinuousTokens extends TokensCommon {
  readonly values: TensorLike<'float32' | 'float16'>;
  readonly ids?: undefined;
}

export type Tokens = DiscreteTokens | ContinuousTokens;

/** What a published encoder takes, by the names that it was exported with: `pixel_values`, `input_features`, `input_ids` … */
export type ModelInputs = Readonly<Record<string, TensorLike>>;
