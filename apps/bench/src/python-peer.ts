import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python child process that answers one JSON object a line to each that it is sent. */
export interface PythonPeer<Hello> {
  /** The line that it wrote on starting. */
  readonly hello: Hello;
  ask<Answer>(request: object): Promise<Answer>;
  close(): void;
}

/** The first Python that can import torch: `POLYMODAL_PYTHON`, `python3` on the path, or the system's; undefined where there is none. */
export function findPython(module = 'torch'): string | undefined {
  const candidates = process.env.POLYMODAL_PYTHON ? [process.env.POLYMODAL_PYTHON] : ['python3', '/usr/bin/python3'];
  return candidates.find((python) => spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore', timeout: 60_000 }).status === 0);
}

/** Starts `apps/bench/python/<script>` with extra environment variables. Rejects with what it wrote to stderr when it ends early. */
export async function startPython<Hello>(python: string, script: string, environment: Record<string, string>): Promise<PythonPeer<Hello>> {
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url));
  const child: ChildProcess = spawn(python, [path], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const read = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ${script} ended early: ${errors || 'it wrote nothing'}`);
    return JSON.parse(value) as T;
  };
  child.on('error', (error) => {
    errors += error.message;
  });
  return {
    hello: await read<Hello>(),
    ask(request) {
      child.stdin!.write(`${JSON.stringify(request)}\n`);
      return read();
    },
    close() {
      child.stdin!.end();
      child.kill();
    },
  };
}
