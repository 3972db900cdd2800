import { readFile } from 'node:fs/promises';
import { format } from 'node:util';
import { expect, jest } from '@jest/globals';

interface CodeBlock {
  /** What stands after the opening fence, such as `ts`. */
  readonly info: string;
  readonly body: string;
}

/** The README of the package whose test asks, given that test's `import.meta.url`. */
export const readReadme = (test: string) => readFile(new URL('../README.md', test), 'utf8');

/** The code blocks of a README in order, each closed by the fence that opened it. */
export function codeBlocks(readme: string): CodeBlock[] {
  return [...readme.matchAll(/^(`{3,})([^`\n]*)\n(.*?)^\1$/gms)].map(([, , info, body]) => ({ info: info!, body: body! }));
}

/** The first code block of a kind; an error where there is none. */
export function codeBlock(readme: string, info: string): string {
  const found = codeBlocks(readme).find((block) => block.info === info);
  if (found === undefined) throw new Error(`the README has no block \`\`\`${info}`);
  return found.body;
}

/** What `run` writes with `console.log`. */
async function printedBy(run: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...values) => void lines.push(format(...values)));
  try {
    await run();
  } finally {
    log.mockRestore();
  }
  return `${lines.join('\n')}\n`;
}

/** Fails unless the README shows these files of the test's folder, in order, as its first `ts` blocks. */
export async function expectShown(test: string, names: readonly string[]): Promise<void> {
  const blocks = codeBlocks(await readReadme(test)).filter(({ info }) => info === 'ts');
  for (const [i, name] of names.entries()) expect(blocks[i]?.body).toBe(await readFile(new URL(name, test), 'utf8'));
}

/** Fails unless `run`, which runs the example, prints the README's first `text` block. */
export async function expectPrinted(test: string, run: () => Promise<unknown>): Promise<void> {
  expect(await printedBy(run)).toBe(codeBlock(await readReadme(test), 'text'));
}
