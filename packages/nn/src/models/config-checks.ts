import { configError } from '../model-errors.js';

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

/** Refuses fields that say something else than what is built: the model would load and give wrong answers. */
export function refuseOthers(model: string, config: object, built: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [field, values] of Object.entries(built)) {
    const value = (config as Readonly<Record<string, unknown>>)[field];
    const given: readonly unknown[] = Array.isArray(value) ? value : [value ?? undefined];
    const other = given.find((item) => item !== undefined && !values.includes(item));
    if (other !== undefined)
      throw configError(
        `${model}: ${field} is ${JSON.stringify(value)}.`,
        values.length === 0
          ? 'That form is not built here: leave the field out.'
          : `Only ${values.map((item) => JSON.stringify(item)).join(', ')} is built here.`,
      );
  }
}
