import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import * as nn from '../src/index.js';
import * as node from '../src/node/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  expect(block('ts')).toBe(readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8'));
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...values) => {
    lines.push(format(...values));
  });
  const scratch = mkdtempSync(join(tmpdir(), 'polymodal-readme-'));
  const before = process.cwd();
  process.chdir(scratch);
  try {
    await import('./readme-example.js');
  } finally {
    process.chdir(before);
    rmSync(scratch, { recursive: true, force: true });
    log.mockRestore();
  }
  expect(`${lines.join('\n')}\n`).toBe(block('text'));
});

test('the README names every function, and its table of error codes every code', () => {
  for (const name of [...Object.keys(nn), ...Object.keys(node)]) expect(readme).toContain(`\`${name}`);
  const source = ['errors', 'checkpoint-error'].map((file) => readFileSync(new URL(`../src/${file}.ts`, import.meta.url), 'utf8')).join();
  const codes = [...source.matchAll(/`((?:NN|TRAIN|CHECKPOINT)_\w+)`/g)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(20);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
