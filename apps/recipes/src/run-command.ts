import { PolymodalError } from '@polymodal/modality-registry';

/** What a recipe's command does, given its arguments; `signal` is aborted by Ctrl-C. */
export type Command = (argv: readonly string[], signal: AbortSignal) => Promise<void>;

/** As shells have it: 128 + the number of SIGINT. */
const interrupted = 130;

/**
 * Runs a recipe and returns its exit code: 0, or 1 after one line on stderr for an error that was foreseen, or 130 after Ctrl-C.
 * A second Ctrl-C ends the process at once.
 */
export async function runCommand(name: string, command: Command, argv: readonly string[], hint: string): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = () => {
    stop.abort(new Error('interrupted'));
    process.once('SIGINT', () => process.exit(interrupted));
  };
  process.once('SIGINT', onInterrupt);
  try {
    await command(argv, stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write(`\n${name}: interrupted. ${hint}\n`);
      return interrupted;
    }
    if (PolymodalError.isInstance(error)) process.stderr.write(`${name}: ${error.name} [${error.code}]: ${error.message}\n`);
    else process.stderr.write(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}
