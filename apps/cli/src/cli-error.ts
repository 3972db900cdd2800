import { PolymodalError, type PolymodalErrorOptions } from '@polymodal/modality-registry';
import { exitCode } from './exit-code.js';

export interface CliErrorOptions extends PolymodalErrorOptions {
  readonly exit?: number;
}

/** What the command itself refuses. */
export class CliError extends PolymodalError {
  readonly exit: number;

  constructor({ exit = exitCode.failure, ...options }: CliErrorOptions) {
    super(options);
    this.exit = exit;
  }
}

/** A wrong command line. */
export function usageError(code: string, message: string, fix: string): CliError {
  return new CliError({ code, message, fix, exit: exitCode.usage });
}
