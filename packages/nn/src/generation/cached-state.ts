import type { Tensor } from '@polymodal/autograd';
import { GenerationError } from './errors.js';
import { checkId } from './prompts.js';

/** Keys and values, resident in the runtime, by the names of the program's inputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Keys and values of the past. */
export interface CachedState {
  readonly past: Tensors;
  /** Those of an encoder's output; owned by the state only where its rows were chosen anew. */
  readonly memory: Tensors;
  readonly ownsMemory: boolean;
  /** How many places the past has. */
  readonly length: number;
  /** How many of them are padding, row by row. */
  readonly offsets: readonly number[];
  /** Which of the encoder's inputs each row reads. */
  readonly sources: readonly number[];
  /** No longer so once it was released, or a call took it over. */
  valid: boolean;
}

export function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

export function releaseState(state: CachedState): void {
  if (!state.valid) return;
  state.valid = false;
  disposeAll(state.past);
  if (state.ownsMemory) disposeAll(state.memory);
}

/** Lets `work` take a state over; where it fails, the state stays valid. Throws `GENERATION_STATE` where it is not. */
export async function takeOver<T>(state: CachedState, work: () => Promise<T>): Promise<T> {
  if (!state.valid)
    throw new GenerationError({
      code: 'GENERATION_STATE',
      message: 'this state was released, or a later step took it over.',
      fix: 'Go on with the state that the last call gave.',
    });
  state.valid = false;
  try {
    return await work();
  } catch (error) {
    state.valid = true;
    throw error;
  }
}

/** Throws `GENERATION_PROMPT` and `GENERATION_CONTEXT` where these tokens cannot follow. */
export function checkStep(
  { offsets, length }: CachedState,
  ids: readonly number[],
  { vocabularySize, contextLength }: { readonly vocabularySize: number; readonly contextLength: number },
): void {
  if (ids.length !== offsets.length)
    throw new GenerationError({
      code: 'GENERATION_PROMPT',
      message: `${ids.length} tokens were given for ${offsets.length} sequences.`,
      fix: 'Give one for each.',
    });
  for (const [row, id] of ids.entries()) checkId(id, vocabularySize, () => `the token for sequence ${row}`);
  if (length - Math.min(...offsets) >= contextLength)
    throw new GenerationError({
      code: 'GENERATION_CONTEXT',
      message: `a sequence has ${contextLength} tokens, as many as the model reads.`,
      fix: 'Begin with a shorter prompt.',
    });
}

/** Throws `GENERATION_STATE` where a state has no such rows. */
export function checkRows({ offsets }: CachedState, rows: readonly number[]): void {
  if (rows.length === 0 || rows.some((row) => offsets[row] === undefined))
    throw new GenerationError({
      code: 'GENERATION_STATE',
      message: `rows [${rows}] were chosen of ${offsets.length}.`,
      fix: `Choose one or more, from 0 to ${offsets.length - 1}.`,
    });
}
