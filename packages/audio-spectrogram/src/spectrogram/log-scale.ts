import type { LogRecipe } from '../engine/recipe.js';
import { AudioError, shown } from '../errors.js';
import { checkDecibels, type Decibels, scaleToDecibels } from './decibels.js';

/** The logarithm of values that may be 0: of max(value, floor), or of value + add. */
export type Logarithm =
  | { readonly scale: 'log10' | 'ln'; readonly floor: number; readonly add?: undefined }
  | { readonly scale: 'log10' | 'ln'; readonly add: number; readonly floor?: undefined };

export type LogScale = Logarithm | ({ readonly scale: 'dB' } & Decibels);

/** A logarithm in two steps: by frame, and what needs all frames. */
export interface LogPlan {
  readonly recipe: LogRecipe;
  /** In place. */
  readonly finish?: (values: Float32Array) => void;
  /** Whether the largest value of all frames matters to each. */
  readonly needsAll: boolean;
}

/** @throws AudioError AUDIO_OPTION */
export function planLog(log: LogScale): LogPlan {
  if (log?.scale === 'dB') {
    const decibels = checkDecibels(log, 1e-10);
    return {
      recipe: { base: '10', floor: decibels.floor, how: 'max' },
      finish: (values) => scaleToDecibels(values, 10, decibels),
      needsAll: decibels.topDb !== null || decibels.reference === 'max',
    };
  }
  const { scale, floor, add } = log ?? {};
  const positive = [floor, add].filter((value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY);
  if ((scale === 'log10' || scale === 'ln') && positive.length === 1 && (floor === undefined || add === undefined)) {
    const how = add === undefined ? 'max' : 'add';
    return { recipe: { base: scale === 'ln' ? 'e' : '10', floor: positive[0]!, how }, needsAll: false };
  }
  throw new AudioError({
    code: 'AUDIO_OPTION',
    message: `log is ${shown(JSON.stringify(log))}, but { scale: 'dB' }, or 'log10' or 'ln' with a positive floor, or with a positive add, was expected.`,
    fix: "Whisper's is { scale: 'log10', floor: 1e-10 }, librosa's { scale: 'dB' }.",
  });
}
