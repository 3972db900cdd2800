import { configError } from '../model-errors.js';

type Fields = Readonly<Record<string, unknown>>;

export const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isSizes = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isSize);

/** Throws TrainingError `NN_CONFIG` for a value that does not fit. */
export function checkField(model: string, field: string, value: unknown, fits: boolean, wanted: string): void {
  if (!fits)
    throw configError(
      `${model}: ${field} is ${value === undefined ? 'missing' : JSON.stringify(value)}, but must be ${wanted}.`,
      'Pass all fields of a published config.json, or all sizes of a model of your own.',
    );
}

/** Throws TrainingError `NN_CONFIG` for a field that is no whole number above 0; those of `optional` may be absent or null. */
export function checkSizes(model: string, config: object, needed: readonly string[], optional: readonly string[] = []): void {
  for (const field of [...needed, ...optional]) {
    const value = (config as Fields)[field];
    const absent = (value ?? undefined) === undefined && optional.includes(field);
    checkField(model, field, value, absent || isSize(value), 'a whole number above 0');
  }
}

/** Throws TrainingError `NN_CONFIG` for a field that is no list of whole numbers above 0. */
export function checkSizeLists(model: string, config: object, needed: readonly string[]): void {
  for (const field of needed) {
    const value = (config as Fields)[field];
    checkField(model, field, value, isSizes(value), 'a list of whole numbers above 0');
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
