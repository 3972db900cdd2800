import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const findsOnnx = (python: string) => spawnSync(python, ['-c', 'import onnx.checker'], { stdio: 'ignore', timeout: 60_000 }).status === 0;

/** A Python that has the onnx package, an optional peer; undefined where there is none. */
export const pythonWithOnnx: string | undefined = ['python3', '/usr/bin/python3'].find(findsOnnx);

const script = `
import json, os, sys
import onnx

os.chdir(sys.argv[1])
refused = {}
for name in sorted(f for f in os.listdir() if f.endswith('.onnx')):
    try:
        onnx.checker.check_model(name, full_check=True)
    except Exception as error:
        refused[name] = str(error)
json.dump(refused, sys.stdout)
`;

/** What onnx.checker, shape inference included, says against these files: by name, the models' among them. */
export function refusedByOnnx(python: string, files: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-onnx-'));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, folder], { encoding: 'utf8', timeout: 120_000 });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
