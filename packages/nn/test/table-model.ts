import type { CausalModel } from '../src/index.js';

interface TableState {
  readonly rows: readonly (readonly number[])[];
  released: boolean;
}

/** A causal model whose logits depend on the last token alone, and the states that it has not had back. */
export function tableModel(table: readonly (readonly number[])[], contextLength = 1000): CausalModel<TableState> & { live(): number } {
  let live = 0;
  const open = (rows: readonly (readonly number[])[]): TableState => {
    live++;
    return { rows, released: false };
  };
  const close = (state: TableState): void => {
    if (state.released) throw new Error('a state was used again');
    state.released = true;
    live--;
  };
  const answer = (rows: readonly (readonly number[])[]) => ({
    logits: rows.map((ids) => Float32Array.from(table[ids.at(-1)!]!)),
    state: open(rows),
  });
  return {
    vocabularySize: table.length,
    contextLength,
    prefill: async (prompts: readonly ArrayLike<number>[]) => answer(prompts.map((prompt) => Array.from(prompt))),
    step: async (state, ids) => {
      close(state);
      return answer(state.rows.map((row, i) => [...row, ids[i]!]));
    },
    select: async (state, rows) => {
      close(state);
      return open(rows.map((row) => state.rows[row]!));
    },
    release: close,
    live: () => live,
  };
}
