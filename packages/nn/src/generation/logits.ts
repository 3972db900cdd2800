import { checkIds, GenerationError, optionError } from './errors.js';

const { exp } = Math;

/** Changes what a model expects next, given all ids so far, prompt included. It gives new logits and leaves its input as it is. */
export type LogitsProcessor = (logits: Float32Array, ids: readonly number[]) => Float32Array;

/** One processor after the other. Throws `GENERATION_LOGITS` where one does not give back as many logits as it got. */
export function applyProcessors(processors: readonly LogitsProcessor[], logits: Float32Array, ids: readonly number[]): Float32Array {
  let next = logits;
  for (const process of processors) {
    next = process(next, ids);
    if (next?.length !== logits.length)
      throw new GenerationError({
        code: 'GENERATION_LOGITS',
        message: `a logits processor gave ${next?.length ?? 'no'} logits for ${logits.length}.`,
        fix: 'Return a Float32Array of the same length; a token is ruled out by −∞.',
      });
  }
  return next;
}

function check(name: string, value: number, holds: boolean, expected: string): void {
  if (typeof value !== 'number' || !holds) throw optionError(name, value, expected);
}

/** Divides by `temperature`: below 1 sharpens, above 1 flattens. Throws `GENERATION_OPTIONS` unless it is above 0. */
export function temperature(value: number): LogitsProcessor {
  check('temperature', value, value > 0 && value < Number.POSITIVE_INFINITY, 'above 0');
  return (logits) => logits.map((logit) => logit / value);
}

/** The k-th largest of more than k numbers: k of them stay in a heap, the least first. */
function kthLargest(values: Float32Array, k: number): number {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < values.length; i++) {
    const value = values[i]!;
    if (!(value > heap[0]!)) continue;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (child >= k || heap[child]! >= value) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
  }
  return heap[0]!;
}

/** Keeps the `k` likeliest tokens, and those as likely as the last of them (Fan et al. 2018, arXiv 1805.04833). */
export function topK(k: number): LogitsProcessor {
  check('topK', k, Number.isInteger(k) && k > 0, 'a whole number above 0');
  return (logits) => {
    if (k >= logits.length) return logits;
    const threshold = kthLargest(logits, k);
    return logits.map((logit) => (logit < threshold ? Number.NEGATIVE_INFINITY : logit));
  };
}

/** Σ exp(logit − max), and the largest logit. */
function scale(logits: Float32Array): { readonly peak: number; readonly total: number } {
  const peak = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += exp(logits[i]! - peak);
  return { peak, total };
}

/** Logarithms of probabilities. [vocabulary] → the same */
export function logProbabilities(logits: Float32Array): Float32Array {
  const { peak, total } = scale(logits);
  const shift = peak + Math.log(total);
  return logits.map((logit) => logit - shift);
}

/** Keeps the fewest likeliest tokens that are together at least as likely as `p` (Holtzman et al. 2019, arXiv 1904.09751). */
export function topP(p: number): LogitsProcessor {
  check('topP', p, p > 0 && p <= 1, 'above 0, and at most 1');
  return (logits) => {
    if (p === 1) return logits;
    const { peak, total } = scale(logits);
    // All tokens below this one are together less likely than 1 − p, so that the rest, which is sorted, holds what is kept.
    const least = peak + Math.log((total * (1 - p)) / (2 * logits.length));
    const order: number[] = [];
    for (let id = 0; id < logits.length; id++) if (!(logits[id]! < least)) order.push(id); // NaN too: the choice is going to name it
    order.sort((a, b) => logits[b]! - logits[a]!); // Equal ones stay in the order of their ids.
    const out = new Float32Array(logits.length).fill(Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (const id of order) {
      out[id] = logits[id]!;
      sum += exp(logits[id]! - peak) / total;
      if (sum >= p) break;
    }
    return out;
  };
}

/** Keeps tokens at least `p` times as likely as the likeliest (Nguyen et al. 2024, arXiv 2407.01082). */
export function minP(p: number): LogitsProcessor {
  check('minP', p, p >= 0 && p <= 1, 'from 0 to 1');
  return (logits) => {
    const threshold = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) + Math.log(p);
    return logits.map((logit) => (logit < threshold ? Number.NEGATIVE_INFINITY : logit));
  };
}

/** Makes tokens that were seen less likely: positive logits are divided by `penalty`, negative ones multiplied (Keskar et al. 2019, arXiv 1909.05858). */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  check('repetitionPenalty', penalty, penalty > 0 && penalty < Number.POSITIVE_INFINITY, 'above 0');
  return (logits, ids) => {
    const out = logits.slice();
    for (const id of new Set(ids)) {
      const logit = logits[id];
      if (logit !== undefined) out[id] = logit < 0 ? logit * penalty : logit / penalty;
    }
    return out;
  };
}

/** Never lets these tokens be chosen. Throws `GENERATION_OPTIONS`. */
export function suppress(ids: readonly number[]): LogitsProcessor {
  checkIds('the list of suppressed ids', ids);
  return (logits) => {
    const out = logits.slice();
    for (const id of ids) if (id < out.length) out[id] = Number.NEGATIVE_INFINITY;
    return out;
  };
}
