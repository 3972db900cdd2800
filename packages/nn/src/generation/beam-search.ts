import { throwIfAborted } from '@polymodal/modality-registry';
import type { CausalModel, Prompt } from './causal-model.js';
import { greedyChoice } from './choose.js';
import { checkIds, optionError } from './errors.js';
import { type Hypotheses, hypotheses } from './hypotheses.js';
import { applyProcessors, logProbabilities } from './logits.js';
import { checkCount, type LengthOptions, type SamplingOptions, settleSampling } from './options.js';
import { prefill, promptIds, roomAfter } from './prompts.js';

export interface BeamSearchOptions extends LengthOptions, Pick<SamplingOptions, 'repetitionPenalty' | 'processors'> {
  /** How many sequences are followed at once; default 4. */
  readonly beams?: number;
  /** A sequence's score is its log probability divided by its length to this power; default 1. Above 0 favours long ones. */
  readonly lengthPenalty?: number;
  /**
   * When to end, once there are as many finished sequences as beams: `true`, at once; `false` (default), when the best running one, at its
   * length now, scores no better; `'never'`, when it cannot become better at any length.
   */
  readonly earlyStopping?: boolean | 'never';
  /** How many sequences to give; default 1, at most `beams`. */
  readonly keep?: number;
}

export interface Beam {
  /** What follows the prompt, the stop token included. */
  readonly ids: readonly number[];
  readonly score: number;
}

interface Running {
  readonly ids: readonly number[];
  readonly score: number;
  /** Its row in the model's state. */
  readonly row: number;
}

interface Search {
  /** How many ids the prompt has. */
  readonly promptLength: number;
  /** How many may follow. */
  readonly limit: number;
  readonly found: Hypotheses;
  running: readonly Running[];
}

interface Candidate {
  readonly beam: number;
  readonly id: number;
  readonly score: number;
}

/** The `count` best continuations of all beams, best first. */
function bestCandidates(rows: readonly Float32Array[], running: readonly Running[], count: number): Candidate[] {
  const best: Candidate[] = [];
  for (const [beam, { score: before }] of running.entries()) {
    const row = rows[beam]!;
    for (let id = 0; id < row.length; id++) {
      const score = before + row[id]!;
      if (best.length === count && score <= best[count - 1]!.score) continue;
      let at = best.length;
      while (at > 0 && best[at - 1]!.score < score) at--;
      best.splice(at, 0, { beam, id, score });
      if (best.length > count) best.pop();
    }
  }
  return best;
}

/** One step of one prompt's search: finished sequences go to `found`, the best others run on. Afterwards `row` is the beam continued. */
function advance(search: Search, rows: readonly Float32Array[], beams: number, stopIds: ReadonlySet<number>): void {
  const candidates = bestCandidates(rows, search.running, Math.max(2, 1 + stopIds.size) * beams);
  const next: Running[] = [];
  for (const [rank, { beam, id, score }] of candidates.entries()) {
    const { ids, row } = search.running[beam]!;
    // A stop token counts only among the best, so that a poor ending does not displace a running beam.
    if (!stopIds.has(id)) next.push({ ids: [...ids, id], score, row });
    else if (rank < beams) search.found.add([...ids.slice(search.promptLength), id], score, ids.length + 1 - search.promptLength);
    if (next.length === beams) break;
  }
  const length = search.running[0]!.ids.length + 1 - search.promptLength;
  search.running = search.found.isDone(candidates[0]!.score, length) ? [] : next;
}

/** What still runs where no room is left counts as finished. */
function conclude(search: Search): void {
  for (const { ids, score } of search.running) search.found.add(ids.slice(search.promptLength), score, ids.length - search.promptLength);
  search.running = [];
}

/**
 * Follows the `beams` likeliest sequences of each prompt, and gives the best of those that ended, best first: Hugging Face's beam search,
 * with its length penalty, early stopping and order of logits processors (which here change log probabilities). Throws as `generate`.
 */
export async function beamSearch<State>(
  model: CausalModel<State>,
  prompts: readonly Prompt[],
  options: BeamSearchOptions = {},
): Promise<Beam[][]> {
  const { beams = 4, lengthPenalty = 1, earlyStopping = false, keep = 1 } = options;
  checkCount('beams', beams);
  checkCount('keep', keep);
  checkCount('maxTokens', options.maxTokens);
  checkIds('stopIds', options.stopIds);
  if (keep > beams) throw optionError('keep', keep, `at most beams (${beams})`);
  if (![true, false, 'never'].includes(earlyStopping)) throw optionError('earlyStopping', earlyStopping, "true, false or 'never'");
  if (!Number.isFinite(lengthPenalty)) throw optionError('lengthPenalty', lengthPenalty, 'a finite number');
  const { processors } = settleSampling({ repetitionPenalty: options.repetitionPenalty, processors: options.processors });
  const limits = roomAfter(model, prompts, options.maxTokens);
  const stopIds = new Set(options.stopIds);
  throwIfAborted(options.signal);
  if (prompts.length === 0) return [];
  const total = Math.max(...limits);
  let { logits, state } = await prefill(model, prompts);
  const searches = prompts.map((prompt, row): Search => {
    const ids = promptIds(prompt);
    const limit = limits[row]!;
    const found = hypotheses({ beams, lengthPenalty, earlyStopping, maxTokens: limit });
    return { promptLength: ids.length, limit, found, running: [{ ids, score: 0, row }] };
  });
  try {
    for (let made = 1; ; made++) {
      throwIfAborted(options.signal);
      for (const search of searches) {
        if (search.running.length === 0) continue;
        const rows = search.running.map(({ ids, row }) => {
          const scores = applyProcessors(processors, logProbabilities(logits[row]!), ids);
          greedyChoice(scores); // Throws where no token is left, or a number is NaN.
          return scores;
        });
        advance(search, rows, beams, stopIds);
        if (made === search.limit) conclude(search);
      }
      options.onProgress?.({ done: made, ...(Number.isFinite(total) && { total }), stage: 'generating' });
      throwIfAborted(options.signal);
      const live = searches.filter(({ running }) => running.length > 0);
      if (live.length === 0) break;
      const running = live.flatMap((search) => search.running);
      state = await model.select(
        state,
        running.map(({ row }) => row),
      );
      let row = 0;
      for (const search of live) search.running = search.running.map((one) => ({ ...one, row: row++ }));
      ({ logits, state } = await model.step(
        state,
        running.map(({ ids }) => ids.at(-1)!),
      ));
    }
  } finally {
    model.release(state);
  }
  return searches.map(({ found }) => found.best(keep));
}
