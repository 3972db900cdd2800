import { expect } from '@jest/globals';
import { TokenizerError } from '../src/index.js';

/** The TokenizerError that `run` throws; an error where it throws none. */
export function failure(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(TokenizerError);
    return error as TokenizerError;
  }
  throw new Error('nothing was thrown');
}
