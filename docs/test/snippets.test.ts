import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { allSnippets, compileSnippets, extractSnippets, repository } from './snippets.js';

const loader = pathToFileURL(join(repository, 'scripts/source-loader.mjs')).href;

describe('reading a page', () => {
  const page = [
    'Text.',
    '<!-- snippet: declare const files: string[]; -->',
    '```ts',
    'files.length;',
    '```',
    '<!-- snippet folder: test -->',
    '```ts continue run',
    'console.log(1);',
    '```',
    'prints',
    '```text',
    '1',
    '```',
    '```sh',
    'ls',
    '```',
  ].join('\n');

  test('finds the code, what a hidden comment declares, and what it prints', () => {
    const code = 'declare const files: string[];\nfiles.length;\n';
    expect(extractSnippets(page, 'a.md')).toEqual([
      { at: 'a.md:3', folder: '.', code, run: false, output: undefined },
      { at: 'a.md:7', folder: 'test', code: `${code}console.log(1);\n`, run: true, output: '1\n' },
    ]);
  });
});

describe('compiling', () => {
  const snippet = (code: string) => ({ at: 'a.md:1', folder: 'docs', code, run: false, output: undefined });

  test('a wrong type is reported with its page', () => {
    const [problem] = compileSnippets([snippet('const width: number = "wide";')]);
    expect(problem).toBe("a.md:1: Type 'string' is not assignable to type 'number'. in «const width: number = \"wide\";»");
  });

  test('an export that is not there is reported', () => {
    const [problem] = compileSnippets([snippet("import { nothing } from '@polymodal/modality-registry';")]);
    expect(problem).toContain("has no exported member 'nothing'");
  });

  test('the modalities that one page adds are unknown to another', () => {
    const augmentation = "declare module '@polymodal/modality-registry' { interface ModalityMap { depth: number[] } }";
    const use = "import type { ModalityMap } from '@polymodal/modality-registry';\nconst map: ModalityMap['depth'] = [1];";
    expect(compileSnippets([snippet(`${use}\n${augmentation}`), snippet(use)])).toHaveLength(1);
  });
});

const snippets = allSnippets();

test('every TypeScript block of every page compiles', () => {
  expect(snippets.length).toBeGreaterThan(0);
  expect(compileSnippets(snippets)).toEqual([]);
});

for (const { at, code, output } of snippets.filter(({ run }) => run)) {
  test(`${at} runs and prints what the page says`, () => {
    const folder = mkdtempSync(join(repository, 'docs', '.snippets-'));
    try {
      writeFileSync(join(folder, 'snippet.ts'), code);
      const result = spawnSync(process.execPath, ['--conditions=@polymodal/source', '--import', loader, 'snippet.ts'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(result.stderr).toBe('');
      expect(result.status).toBe(0);
      if (output !== undefined) expect(result.stdout).toBe(output);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
