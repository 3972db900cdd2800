import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { codeBlock, readReadme } from '../../../scripts/readme-example.js';

test("the README's first example prints what the README says", async () => {
  const readme = await readReadme(import.meta.url);
  const here = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-readme-'));
  try {
    const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild');
    const bundled = execFileSync(
      esbuild,
      ['--bundle', '--platform=node', '--format=esm', '--conditions=@polymodal/source', '--loader=ts'],
      { input: codeBlock(readme, 'ts run'), cwd: here },
    );
    writeFileSync(join(folder, 'example.mjs'), bundled);
    expect(String(execFileSync(process.execPath, [join(folder, 'example.mjs')]))).toBe(codeBlock(readme, 'text'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
