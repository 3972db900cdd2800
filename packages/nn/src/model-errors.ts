import { TrainingError } from './errors.js';

export function configError(message: string, fix: string): TrainingError {
  return new TrainingError({ code: 'NN_CONFIG', message, fix });
}

/** Of a condition that a model needs and is not given, or is given and does not take. */
export function conditionError(model: string, name: string, fix: string, missing: boolean): TrainingError {
  return new TrainingError({
    code: 'NN_CONDITION',
    message: missing ? `${model}: '${name}' is missing.` : `${model}: this one takes no '${name}'.`,
    fix,
  });
}

/** Of an input that a model cannot take. */
export function inputError(message: string, fix: string): TrainingError {
  return new TrainingError({ code: 'NN_INPUT', message, fix });
}
