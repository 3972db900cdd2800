import { TrainingError } from './errors.js';

export function configError(message: string, fix: string): TrainingError {
  return new TrainingError({ code: 'NN_CONFIG', message, fix });
}

/** Of an input that a model cannot take. */
export function inputError(message: string, fix: string): TrainingError {
  return new TrainingError({ code: 'NN_INPUT', message, fix });
}
