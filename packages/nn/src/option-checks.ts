import { TrainingError } from './errors.js';

function check(fits: boolean, name: string, value: unknown, wanted: string): void {
  if (!fits) throw new TrainingError({ code: 'TRAIN_OPTIONS', message: `'${name}' is ${String(value)}.`, fix: `Pass ${wanted}.` });
}

export const checkCount = (name: string, value: number, least: number): void =>
  check(Number.isSafeInteger(value) && value >= least, name, value, `an integer of at least ${least}`);

export const checkSteps = (name: string, value: number): void =>
  check(Number.isSafeInteger(value) && value >= 0, name, value, 'a whole number of steps, such as Math.round(0.1 * steps)');

/** Of weights that are kept from step to step. */
export const checkShare = (name: string, value: number): void =>
  check(typeof value === 'number' && value >= 0 && value < 1, name, value, 'a number from 0 to less than 1');

export const checkAmount = (name: string, value: number): void =>
  check(Number.isFinite(value) && value >= 0, name, value, 'a number of at least 0');

/** Infinity is a limit that holds nothing back. */
export const checkLimit = (name: string, value: number): void =>
  check(typeof value === 'number' && value > 0, name, value, 'a number above 0, or leave it out');

/** Of an optimiser. A schedule's rates are checked as it gives them. */
export const checkRate = (rate: unknown): void =>
  check(
    typeof rate === 'function' || (Number.isFinite(rate) && (rate as number) >= 0),
    'learningRate',
    rate,
    'a number of at least 0, or a schedule such as cosine({ peak: 1e-3 })',
  );
