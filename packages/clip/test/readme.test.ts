import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { parseClipConfig } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];

test("the README's example is the file that this test runs, and prints what the README says", async () => {
  expect(block('ts')).toBe(readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8'));
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...values) => {
    lines.push(format(...values));
  });
  await import('./readme-example.js');
  log.mockRestore();
  expect(`${lines.join('\n')}\n`).toBe(block('text'));
});

test("the README's configuration is one, whole", () => {
  const config = JSON.parse(block('json')!);
  expect(parseClipConfig(config)).toEqual(config);
});
