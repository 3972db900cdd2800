import { TrainingError } from './errors.js';
import type { Schedule } from './optimizer.js';
import { checkAmount, checkSteps } from './option-checks.js';

type RateOfStep = Exclude<Schedule, number>;

interface WarmupOptions {
  readonly peak: number;
  /** Steps of linear warm-up, of which the first runs at peak / warmup; default 0. */
  readonly warmup?: number;
}

interface DecayOptions extends WarmupOptions {
  /** Learning rate at the end; default 0. */
  readonly final?: number;
}

/** Throws {@link TrainingError} `TRAIN_OPTIONS` for numbers that are no rates and no steps. */
function decay({ peak, warmup = 0, final = 0 }: DecayOptions, shape: (progress: number) => number): RateOfStep {
  checkAmount('peak', peak);
  checkSteps('warmup', warmup);
  checkAmount('final', final);
  return (step, steps) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min((step - warmup) / Math.max(1, steps - warmup), 1);
    return final + (peak - final) * shape(progress);
  };
}

/** Linear warm-up, then the peak to the end. */
export function constantRate({ peak, warmup = 0 }: WarmupOptions): RateOfStep {
  return decay({ peak, warmup }, () => 1);
}

/** Linear warm-up, then half a cosine down to `final` (Loshchilov and Hutter 2017). */
export function cosine(options: DecayOptions): RateOfStep {
  return decay(options, (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Linear warm-up, then a straight line down to `final`. */
export function linearDecay(options: DecayOptions): RateOfStep {
  return decay(options, (progress) => 1 - progress);
}

/**
 * Linear warm-up, the peak, and in the last `decay` steps a straight line down to `final` (WSD: Hu et al. 2024, arXiv 2404.06395). A run that
 * stopped before its decay goes on with more steps as if it had always had them.
 */
export function warmupStableDecay({ decay: length, ...options }: DecayOptions & { readonly decay: number }): RateOfStep {
  const { warmup = 0 } = options;
  const before = constantRate(options);
  checkSteps('decay', length);
  checkAmount('final', options.final ?? 0);
  return (step, steps) => {
    const stable = Math.max(warmup, steps - length);
    return step < stable ? before(step, steps) : linearDecay({ ...options, warmup: stable })(step, steps);
  };
}

/** The learning rate at a step. Throws {@link TrainingError} `TRAIN_OPTIONS` where it is no finite number of at least 0. */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  const rate = typeof schedule === 'number' ? schedule : schedule(step, steps);
  if (Number.isFinite(rate) && rate >= 0) return rate;
  throw new TrainingError({
    code: 'TRAIN_OPTIONS',
    message: `the learning rate of step ${step + 1} of ${steps} is ${rate}.`,
    fix: 'Let the schedule give a number of at least 0 for every step.',
  });
}
