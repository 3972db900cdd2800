import { TrainingError } from './errors.js';

export function configError(message: string, fix: string): TrainingError {
  return new TrainingError({ code: 'NN_CONFIG', message, fix });
}
