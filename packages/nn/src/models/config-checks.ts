import { configError } from '../config-error.js';

type Fields = Readonly<Record<string, unknown>>;

/** Throws TrainingError `NN_CONFIG` for a field that is no whole number above 0; those of `optional` may be absent or null. */
export function checkSizes(model: string, config: object, needed: readonly string[], optional: readonly string[] = []): void {
  for (const field of [...needed, ...optional]) {
    const value = (config as Fields)[field];
    if ((value ?? undefined) === undefined && optional.includes(field)) continue;
    if (!(Number.isSafeInteger(value) && (value as number) > 0))
      throw configError(
        `${model}: ${field} is ${value === undefined ? 'missing' : JSON.stringify(value)}, but must be a whole number above 0.`,
        'Pass the fields of a published config.json.',
      );
  }
}
