import type { TensorLike } from './tensor.js';

/**
 * A named space that vectors live in. `fingerprint` is the first 16 hex digits of sha256 over weights, tokenizer and preprocessing;
 * vectors are comparable only within one fingerprint.
 */
export interface Space {
  readonly name: string;
  readonly fingerprint: string;
}

/** Vectors of one space: `vectors` is [batch, width]. */
export interface Embeddings {
  readonly vectors: TensorLike<'float32'>;
  readonly space: Space;
}
