/** What the command's exit status says. */
export const exitCode = {
  ok: 0,
  /** Nothing, or not all, of what was asked could be done; one line on stderr says why. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Some files were left out; the rest are indexed. */
  partial: 3,
  /** Ctrl-C, as shells have it: 128 + 2. */
  interrupted: 130,
} as const;
