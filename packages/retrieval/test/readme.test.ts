import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test("the README's first example prints what the README says", () => {
  const [, code, printed] = /```ts run\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(
    readFileSync(new URL('../README.md', import.meta.url), 'utf8'),
  )!;
  const here = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-readme-'));
  try {
    const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild');
    const bundled = execFileSync(
      esbuild,
      ['--bundle', '--platform=node', '--format=esm', '--conditions=@polymodal/source', '--loader=ts'],
      { input: code, cwd: here },
    );
    writeFileSync(join(folder, 'example.mjs'), bundled);
    expect(String(execFileSync(process.execPath, [join(folder, 'example.mjs')]))).toBe(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
