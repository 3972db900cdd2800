import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { expectPrinted, expectShown, readReadme } from '../../../scripts/readme-example.js';
import * as nn from '../src/index.js';
import * as node from '../src/node/index.js';

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  await expectShown(import.meta.url, ['readme-example.ts']);
  const scratch = mkdtempSync(join(tmpdir(), 'polymodal-readme-'));
  const before = process.cwd();
  process.chdir(scratch);
  try {
    await expectPrinted(import.meta.url, () => import('./readme-example.js'));
  } finally {
    process.chdir(before);
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('the README names every function, and its table of error codes every code', async () => {
  const readme = await readReadme(import.meta.url);
  for (const name of [...Object.keys(nn), ...Object.keys(node)]) expect(readme).toContain(`\`${name}`);
  const source = ['errors', 'checkpoint-error'].map((file) => readFileSync(new URL(`../src/${file}.ts`, import.meta.url), 'utf8')).join();
  const codes = [...source.matchAll(/`((?:NN|TRAIN|CHECKPOINT)_\w+)`/g)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(20);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
