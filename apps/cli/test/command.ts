import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../bin/polymodal.js', import.meta.url));

export interface Finished {
  /** The exit code; null where a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Record<string, string>;
  /** Called with the running process, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the real command as a process of its own. */
export function polymodal(args: readonly string[], { cwd, input = '', env = {}, onStart }: RunOptions): Promise<Finished> {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env }, timeout: 280_000, killSignal: 'SIGKILL' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  // A command that has read enough closes its input early.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
