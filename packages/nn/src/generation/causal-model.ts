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
  /** Reads a batch of prompts, of one token or more each; shorter ones are padded at the left. */
  prefill(prompts: readonly ArrayLike<number>[]): Promise<CausalOutput<State>>;
  /** Appends one token to each sequence. */
  step(state: State, ids: readonly number[]): Promise<CausalOutput<State>>;
  /** The state of some of the sequences, in that order; a row may be repeated or left out. */
  select(state: State, rows: readonly number[]): Promise<State>;
  /** Frees what a state holds. */
  release(state: State): void;
}
