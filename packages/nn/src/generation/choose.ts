import type { Random } from '@polymodal/modality-registry';
import { GenerationError } from './errors.js';

const { exp } = Math;

/** The id of the largest logit, the first of equal ones. Throws `GENERATION_LOGITS` for NaN, and where every token is suppressed. */
export function greedyChoice(logits: Float32Array): number {
  let best = -1;
  let peak = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > peak) {
      peak = logit;
      best = id;
    } else if (Number.isNaN(logit))
      throw new GenerationError({
        code: 'GENERATION_LOGITS',
        message: `the logit of token ${id} is NaN.`,
        fix: 'Check the weights (checkWeights) and the logits processors.',
      });
  }
  if (best >= 0 && peak < Number.POSITIVE_INFINITY) return best;
  throw new GenerationError({
    code: 'GENERATION_LOGITS',
    message: best < 0 ? 'every token is suppressed: all logits are −∞.' : `the logit of token ${best} is infinite.`,
    fix: 'Check what the logits processors leave over.',
  });
}

/** An id drawn by softmax(logits), with one uniform number. Throws as {@link greedyChoice}. */
export function sampleChoice(logits: Float32Array, random: Random): number {
  const likeliest = greedyChoice(logits);
  const peak = logits[likeliest]!;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    weights[id] = exp(logits[id]! - peak);
    total += weights[id]!;
  }
  let rest = random.uniform() * total;
  for (let id = 0; id < weights.length; id++) {
    rest -= weights[id]!;
    if (rest < 0) return id;
  }
  return likeliest; // Rounding may leave a crumb at the end.
}
