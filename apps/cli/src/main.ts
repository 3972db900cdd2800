import { CommanderError } from 'commander';
import { exitCode } from './exit-code.js';
import { program } from './program.js';
import { Interrupted, reportError } from './terminal/report-error.js';

/**
 * Runs the command line and returns the exit code.
 *
 * The first Ctrl-C asks the running command to save and stop; the second ends the process at once.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new Interrupted('interrupted'));
    process.once('SIGINT', () => process.exit(exitCode.interrupted));
  });
  // `polymodal search … | head` closes our output early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.ok);
    throw error;
  });

  let code: number = exitCode.ok;
  try {
    await program(controller.signal, (finished) => {
      code = finished;
    }).parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told the user; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    return reportError(controller.signal.aborted ? controller.signal.reason : error, argv.includes('--json'));
  }
}
