import { TrainingError } from './errors.js';
import type { Evaluator } from './evaluator.js';
import type { Batch, BatchExpr, Loss } from './training-step.js';
import { unlessAborted } from './unless-aborted.js';

export interface EvaluationOptions {
  /** Batch `index`, from 0 to `batches` − 1: always the same ones. The last may be shorter. */
  readonly data: (index: number) => Batch | Promise<Batch>;
  readonly batches: number;
  /** Steps between evaluations; default 500. The last step is evaluated in any case. */
  readonly every?: number;
  /** Default: the loss of training. */
  readonly loss?: (batch: BatchExpr) => Loss;
  /** By which evaluations are compared; default `loss`. */
  readonly metric?: string;
  /** Whether more of `metric` is better; default false. */
  readonly maximize?: boolean;
  /** By how much an evaluation must be better than the best to count; default 0. */
  readonly minimumGain?: number;
  /** Ends the run after so many evaluations in a row that are not better; default never. */
  readonly patience?: number;
}

/** How far evaluation has come: part of a checkpoint, so that a resumed run stops where an uninterrupted one does. */
export interface EvaluationProgress {
  readonly best?: { readonly step: number; readonly value: number };
  /** Evaluations since the best. */
  readonly waited: number;
  readonly stopped: boolean;
}

export const noEvaluation: EvaluationProgress = { waited: 0, stopped: false };

/** Means of the loss and the metrics over all batches, each weighted by its rows. */
export async function evaluateBatches(
  evaluator: Evaluator,
  { data, batches }: EvaluationOptions,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const totals: Record<string, number> = {};
  let rows = 0;
  for (let index = 0; index < batches; index++) {
    const batch = await unlessAborted(data(index), signal);
    const count = Object.values(batch ?? {}).find(({ dims }) => dims.length > 0)?.dims[0] ?? 1;
    if (typeof batch !== 'object' || batch === null || count === 0)
      throw new TrainingError({
        code: 'TRAIN_BATCH',
        message: `batch ${index} of the evaluation ${count === 0 ? 'has no rows' : `is ${String(batch)}`}.`,
        fix: "Let 'batches' be the number of batches that 'data' has.",
      });
    for (const [name, value] of Object.entries(await evaluator.run(batch))) totals[name] = (totals[name] ?? 0) + value * count;
    rows += count;
  }
  return Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total / rows]));
}

/** What an evaluation after `step` steps changes. NaN is never better. Throws {@link TrainingError} where `metric` is not among the results. */
export function advance(
  progress: EvaluationProgress,
  { metric = 'loss', maximize = false, minimumGain = 0, patience = Number.POSITIVE_INFINITY }: EvaluationOptions,
  step: number,
  results: Readonly<Record<string, number>>,
): EvaluationProgress {
  const value = results[metric];
  if (value === undefined)
    throw new TrainingError({
      code: 'TRAIN_OPTIONS',
      message: `'evaluation' compares by '${metric}', but the loss reports ${Object.keys(results).join(', ')}.`,
      fix: "Set 'metric' to one of these.",
    });
  const { best } = progress;
  const gain = best === undefined ? Number.POSITIVE_INFINITY : maximize ? value - best.value : best.value - value;
  if (Number.isFinite(value) && gain > minimumGain) return { best: { step, value }, waited: 0, stopped: false };
  const waited = progress.waited + 1;
  return { ...progress, waited, stopped: waited >= patience };
}
