import type { TensorLike } from '@polymodal/modality-registry';

/** Tokens, or vectors in the places of tokens, as an image encoder's: [length, width], what the model's table of tokens would give there. */
export type PromptPart = { readonly ids: ArrayLike<number> } | { readonly embeddings: TensorLike<'float32'> };

/** What a model is to continue: ids, or parts one behind the other. */
export type Prompt = ArrayLike<number> | readonly PromptPart[];

/** What a model answers to a prompt or a step: what it expects next, and what it keeps of the past. */
export interface CausalOutput<State> {
  /** One row of logits per sequence, of `vocabularySize` numbers each. */
  readonly logits: readonly Float32Array[];
  readonly state: State;
}

/**
 * A model that continues sequences, whatever is inside: its state (keys and values of the past, usually resident in the runtime) is
 * opaque. Every call takes over the state it is given: afterwards only the new one is valid.
 */
export interface CausalModel<State = unknown> {
  readonly vocabularySize: number;
  /** The longest sequence, prompt included. */
  readonly contextLength: number;
  /** How wide vectors in the places of tokens are; a model without it is given prompts of ids alone. */
  readonly embeddingWidth?: number;
  /** Reads a batch of prompts, of one token or more each; shorter ones are padded at the left. */
  prefill(prompts: readonly Prompt[]): Promise<CausalOutput<State>>;
  /** Appends one token to each sequence. */
  step(state: State, ids: readonly number[]): Promise<CausalOutput<State>>;
  /** The state of some of the sequences, in that order; a row may be repeated or left out. */
  select(state: State, rows: readonly number[]): Promise<State>;
  /** Frees what a state holds. */
  release(state: State): void;
}
