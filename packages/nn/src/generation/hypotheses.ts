import type { Beam } from './beam-search.js';

export interface HypothesesOptions {
  readonly beams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
  readonly maxTokens: number;
}

/** The best finished sequences of a beam search, as many as it has beams. */
export interface Hypotheses {
  add(ids: readonly number[], logProbability: number, length: number): void;
  /** Whether nothing that still runs, with `logProbability` at `length`, is going to be among the best. */
  isDone(logProbability: number, length: number): boolean;
  best(count: number): Beam[];
}

export function hypotheses({ beams, lengthPenalty, earlyStopping, maxTokens }: HypothesesOptions): Hypotheses {
  const kept: Beam[] = []; // worst first; of equal ones, the older first
  const normalized = (logProbability: number, length: number) => logProbability / length ** lengthPenalty;
  return {
    add(ids, logProbability, length) {
      const score = normalized(logProbability, length);
      if (kept.length === beams && score <= kept[0]!.score) return;
      const after = kept.findIndex((one) => one.score > score);
      kept.splice(after < 0 ? kept.length : after, 0, { ids, score });
      if (kept.length > beams) kept.shift();
    },
    isDone(logProbability, length) {
      if (kept.length < beams) return false;
      if (earlyStopping === true) return true;
      const reach = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
      return kept[0]!.score >= normalized(logProbability, reach);
    },
    best: (count) => kept.slice(-count).reverse(),
  };
}
