import { readFile } from 'node:fs/promises';
import { format } from 'node:util';
import { expect, jest, test } from '@jest/globals';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)].map(([, language, body]) => ({ language, body }));

test.each(['depth-plugin.ts', 'readme-example.ts'])('the README shows %s as it is', async (name) => {
  const source = await readFile(new URL(name, import.meta.url), 'utf8');
  expect(blocks.filter(({ language }) => language === 'ts').map(({ body }) => body)).toContain(source);
});

test('the example prints what the README says', async () => {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...values) => void lines.push(format(...values)));
  await import('./readme-example.js');
  log.mockRestore();
  expect(`${lines.join('\n')}\n`).toBe(blocks.find(({ language }) => language === 'text')?.body);
});
