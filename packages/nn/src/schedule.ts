import type { Schedule } from './optimizer.js';

interface DecayOptions {
  readonly peak: number;
  /** Steps of linear warm-up from 0; default 0. */
  readonly warmup?: number;
  /** Learning rate at the end; default 0. */
  readonly final?: number;
}

function decay({ peak, warmup = 0, final = 0 }: DecayOptions, shape: (progress: number) => number): Schedule {
  return (step, steps) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min((step - warmup) / Math.max(1, steps - warmup), 1);
    return final + (peak - final) * shape(progress);
  };
}

/** Linear warm-up, then half a cosine down to `final` (Loshchilov and Hutter 2017). */
export function cosine(options: DecayOptions): Schedule {
  return decay(options, (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Linear warm-up, then a straight line down to `final`. */
export function linearDecay(options: DecayOptions): Schedule {
  return decay(options, (progress) => 1 - progress);
}

/** The learning rate at a step. */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  return typeof schedule === 'number' ? schedule : schedule(step, steps);
}
