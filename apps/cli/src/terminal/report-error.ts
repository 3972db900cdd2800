import { PolymodalError } from '@polymodal/modality-registry';
import { CliError } from '../cli-error.js';
import { exitCode } from '../exit-code.js';
import { printable } from './text.js';

/** Why a run was ended from outside. */
export class Interrupted extends Error {}

export interface ErrorSummary {
  readonly code: string;
  readonly message: string;
}

/** An error as plain data, for lists and for `--json`. */
export function summarize(error: unknown): ErrorSummary {
  if (PolymodalError.isInstance(error)) return { code: error.code, message: error.message };
  const system = (Object(error) as NodeJS.ErrnoException).code;
  return { code: typeof system === 'string' ? system : 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}

/** Tells the user, in one line unless POLYMODAL_DEBUG asks for the stack, and returns the exit status. */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof Interrupted) {
    process.stderr.write('polymodal: interrupted; what was finished is saved.\n');
    return exitCode.interrupted;
  }
  if (json) process.stdout.write(`${JSON.stringify({ error: summarize(error) })}\n`);
  const { code, message } = summarize(error);
  const name = error instanceof Error ? error.name : 'Error';
  process.stderr.write(`polymodal: ${name} [${code}]: ${printable(message)}\n`);
  if (process.env.POLYMODAL_DEBUG) process.stderr.write(`${error instanceof Error ? stacks(error) : String(error)}\n`);
  else if (!PolymodalError.isInstance(error)) process.stderr.write('This was not foreseen: set POLYMODAL_DEBUG=1 to see where it arose.\n');
  return error instanceof CliError ? error.exit : exitCode.failure;
}

function stacks(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\nCaused by: ${stacks(error.cause)}` : own;
}
