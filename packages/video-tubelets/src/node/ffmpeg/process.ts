import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { VideoError } from '../../errors.js';

/** So much of what a tool says is kept: the end. */
const STDERR_CHARACTERS = 4000;

export interface Tool {
  readonly stdout: Readable;
  /** Its exit code (null where it was killed) and the end of what it said. @throws VideoError `VIDEO_FFMPEG_MISSING` where it cannot be started. */
  readonly finished: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** Kills it if it still runs, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Those that run: one listener for all of them ends them with this process. */
const running = new Set<ChildProcess>();
const killAll = () => {
  for (const child of running) child.kill('SIGKILL');
};

function endWithUs(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', killAll);
  running.add(child);
}

function forget(child: ChildProcess): void {
  if (running.delete(child) && running.size === 0) process.off('exit', killAll);
}

/** Starts ffmpeg or ffprobe; an aborted signal kills it, and so does the end of this process, unless that is killed itself. */
export function startTool(command: string, args: readonly string[], signal: AbortSignal | undefined): Tool {
  signal?.throwIfAborted();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  endWithUs(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Uint8Array) => {
    stderr = (stderr + chunk).slice(-STDERR_CHARACTERS);
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  const finished = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    child.once('error', (cause) => reject(missing(command, cause)));
    child.once('close', (code) => resolve({ code, stderr: stderr.trim() }));
  }).finally(() => {
    forget(child);
    signal?.removeEventListener('abort', kill);
  });
  // Whoever reads learns of it when they wait for it.
  finished.catch(() => {});
  return {
    stdout: child.stdout,
    finished,
    async stop() {
      kill();
      // Without these the pipes would wait for a reader, and the process would never count as closed.
      child.stdout.destroy();
      child.stderr.destroy();
      await finished.catch(() => {});
    },
  };
}

function missing(command: string, cause: Error): VideoError {
  return new VideoError({
    code: 'VIDEO_FFMPEG_MISSING',
    message: `video files are read by ffmpeg, but '${command}' could not be started (${cause.message}).`,
    fix: 'Install ffmpeg (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg), or pass the paths as { ffmpeg, ffprobe }.',
    cause,
  });
}
